"""What all commands share: options, how one is made of its work, exit codes, words at the end."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeAlias

import typer
from rich.console import Console

from clients.house import CannotRunError

CANNOT_RUN, INTERRUPTED = 2, 130

SecretFile: TypeAlias = Annotated[Path | None, typer.Option(help="Its secret, in a file.")]
Panel: TypeAlias = Annotated[
    Path | None, typer.Option(help="Of a local stack; .comptoir/panel.json if that is there.")
]
Authority: TypeAlias = Annotated[
    Path | None, typer.Option(help="Of the services' certificates, PEM; plain without.")
]


def command_of(
    work: Callable[..., Any], own: Iterable[inspect.Parameter], run: Callable[..., None]
) -> Callable[..., None]:
    """`run` as the command of `work`: what it takes as `**own` are options of the command's own.

    Typer reads options from a signature: here it is those of `own`, then those all have.
    """
    shared = [p for p in inspect.signature(run).parameters.values() if p.kind is not p.VAR_KEYWORD]
    only = inspect.Parameter.KEYWORD_ONLY
    signature = inspect.Signature([p.replace(kind=only) for p in (*own, *shared)])
    run.__name__, run.__doc__ = work.__name__, work.__doc__
    run.__dict__["__signature__"] = signature  # What `inspect.signature` looks at first (PEP 362).
    return run


@contextmanager
def told(*, if_interrupted: str) -> Iterator[None]:
    """Turns what stops the program into words that say what to do, and an exit code."""
    try:
        yield
    except CannotRunError as error:
        end(f"could not run: {error}", CANNOT_RUN)
    except OSError as error:
        end(f"could not run: {error.filename}: {error.strerror}", CANNOT_RUN)
    except KeyboardInterrupt:
        end(f"interrupted: {if_interrupted}", INTERRUPTED)


def end(words: str, code: int) -> NoReturn:
    Console(stderr=True).print(words, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)
