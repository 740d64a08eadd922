"""What every store of records promises. No engine, no format.

An aggregate declares a `Kind` for each type it keeps and writes pure changes;
`chassis.mongo_records` and `chassis.memory_records` do the rest, alike.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar, Union, cast

from chassis.changes import Changed
from chassis.errors import AppError
from chassis.errors import Kind as ErrorKind
from chassis.requests import Request

A = TypeVar("A")
R = TypeVar("R")
Document: TypeAlias = dict[str, Any]
# A NamedTuple is kept as a sub-document with its field names, in order. It is a
# function to the interpreter, which `|` refuses.
Key: TypeAlias = Union[str, NamedTuple]

SELECT_MAX = 1000
# The forget_time of what no rule will ask for again.
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


class RecordExistsError(Exception):
    """A record that the write did not read is there already, or breaks a unique index.

    A bug in the change, or a rule that a unique index guards: then whoever
    declared the index catches it and says which rule.
    """

    def __init__(self, collection: str, fields: tuple[str, ...]) -> None:
        super().__init__(f"{collection} has one with the same {', '.join(fields)}")
        self.collection = collection
        self.fields = fields


class ImmutableRecordError(Exception):
    """A change returned a record that is there already, of a kind that is never replaced."""


class HeldUpError(AppError):
    """Others wrote the same records, or held them, for as long as it waited: nothing of it has
    happened."""

    kind, reason = ErrorKind.DEADLINE_EXCEEDED, "DATABASE_TIMEOUT"


class NotReadError(Exception):
    """A change asked for a record that is not among the refs of its update, or removed one that
    its update did not find."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Dotted `fields`, in order; those in `descending` from the greatest down."""

    fields: tuple[str, ...]
    unique: bool = False
    descending: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind(Generic[R]):
    """How records of one type are kept.

    Attributes:
        type: A frozen dataclass of the domain. A NamedTuple in it is kept as an
            array: use a dataclass where an index or a Where must look inside.
        key: Unique within the kind.
        immutable: Rows that are never replaced, such as movements. None is forgotten: it stays
            until a change removes it.
        forget_time: When a record has had its time; None for never. From then on no read
            finds it, and the space it took is made use of when somebody tends the store:
            say a time at which no rule that reads it could tell the difference.
        schema: Kept with each record. Raise it when old records no longer read,
            and say in `upgrades[n]` how one of schema n becomes one of n + 1. An answer that
            is a record is kept with it too; one that holds a record in it is not upgraded.
        writes: The schema that is written, where that is an older one: for one release, until
            no replica runs any more that does not read `schema`. `downgrades[n]` says how one
            of n + 1 becomes one of n. Indexes and Where are of what is written.
    """

    type: type[R]
    collection: str
    key: Callable[[R], Key]
    indexes: tuple[Index, ...] = ()
    immutable: bool = False
    schema: int = 1
    upgrades: Mapping[int, Callable[[Document], Document]] = field(default_factory=dict)
    writes: int | None = None
    downgrades: Mapping[int, Callable[[Document], Document]] = field(default_factory=dict)
    forget_time: Callable[[R], datetime | None] | None = None

    def __post_init__(self) -> None:
        if self.immutable and self.forget_time is not None:
            raise ValueError(f"{self.collection}: what is only ever added is never forgotten")
        steps = set(range(self.written, self.schema))
        there_and_back = self.upgrades.keys() & self.downgrades.keys()
        if self.written > self.schema or not steps <= there_and_back:
            raise ValueError(f"{self.collection}: schema {self.written} cannot be written")

    @property
    def written(self) -> int:
        """The schema of what is written."""
        return self.schema if self.writes is None else self.writes


class Ref(NamedTuple, Generic[R]):
    """A record, there or not. A tuple, since writes look each up a dozen times."""

    kind: Kind[R]
    key: Key


NOT_READ = object()


class State:
    """What an update read."""

    def __init__(self, found: Mapping[Ref[Any], object | None]) -> None:
        self._found = found

    def find(self, kind: Kind[R], key: Key) -> R | None:
        """Raises NotReadError unless the update named it: its absence would decide nothing."""
        found = self._found.get(Ref(kind, key), NOT_READ)
        if found is NOT_READ:
            raise NotReadError(f"{kind.collection} {key} is not among the refs of this update")
        return cast(R | None, found)

    def all(self, kind: Kind[R]) -> list[R]:
        """Those that are there, in the order of the refs."""
        found = (record for ref, record in self._found.items() if ref.kind is kind)
        return [cast(R, record) for record in found if record is not None]


Change: TypeAlias = Callable[[State], Changed[A]]
# Told of what cannot be read: its key, as text, and why.
Unreadable: TypeAlias = Callable[[str, Exception], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which records, in which order, how many. Fields are dotted; all conditions hold.

    `equal` and `one_of` on a list match an item of it. `at_most` and `above`
    match values of their own type alone, never None. `order` names a field with
    one value in each record selected, or is empty for the key; ties go by key.
    `after` continues behind a record by its value of `order` (any, if by key)
    and its key.
    """

    limit: int
    equal: Mapping[str, object] = field(default_factory=dict)
    one_of: Mapping[str, Collection[object]] = field(default_factory=dict)
    at_most: Mapping[str, object] = field(default_factory=dict)
    above: Mapping[str, object] = field(default_factory=dict)
    order: str = ""
    descending: bool = False
    after: tuple[object, Key] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= SELECT_MAX:
            raise ValueError(f"1 to {SELECT_MAX} records are selected at once, not {self.limit}")


# An update's answer, or what it raised.
Outcome: TypeAlias = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(Generic[A]):
    """What `Records.update` takes, but for its time."""

    refs: tuple[Ref[Any], ...]
    change: Change[A]
    answer: type[A]
    request: Request | None = None


class Updates(Protocol):
    """Writes one update at a time: a store, or what gathers several of them for one."""

    async def update(
        self,
        refs: Iterable[Ref[Any]],
        change: Change[A],
        *,
        answer: type[A],
        request: Request | None = None,
        timeout_s: float,
    ) -> A:
        """Write what `change` makes of the records at `refs`, and return its answer.

        `change` must be pure: it runs again if another writer got in first.
        Records, events and the answer are written together or not at all, and
        each record read conflicts with whoever else writes it, returned or not,
        there or not: all updates are as if one came after the other. A repeat of
        `request` within 30 days gets the kept answer and `change` does not run.

        Raises RequestIdReusedError, RequestCancelledError, RequestIdTooOldError and
        whatever `change` raises; RecordExistsError, ImmutableRecordError; then nothing
        is written.
        """


class Records(Updates, Protocol):
    async def ensure_indexes(self) -> None:
        """Idempotent, and fails without an engine that takes writes: the readiness check too."""

    async def tend(self) -> None:
        """Make room for next month's answers, drop what has had its time. Every hour or so."""

    async def find(self, kind: Kind[R], key: Key) -> R | None:
        """As the majority has it. Decides nothing: only what an update read does."""

    async def find_many(self, kind: Kind[R], keys: Iterable[Key]) -> dict[Key, R]:
        """Those that are there. At most SELECT_MAX keys."""

    async def select(
        self, kind: Kind[R], where: Where, *, unreadable: Unreadable | None = None
    ) -> list[R]:
        """At most `where.limit` records.

        What cannot be read is left out where `unreadable` is told of it, and raises else: what
        is left out in silence is never found again. It counts for the limit.
        """

    async def update_all(
        self,
        updates: Sequence[Update[Any]],
        *,
        timeout_s: float,
        patience_s: float | None = None,
    ) -> list[Outcome]:
        """Several updates as if one came after the other, in their order, written together.

        In parts where one can never be written: then each part wholly or not at all.

        Of each its answer, or the error it came to: one that fails leaves nothing, and the
        others as they would be without it. Raises HeldUpError where others write the same for
        `patience_s`, or all its time; and what a store without its engine raises: then any of
        them may have happened, each wholly or not at all.
        """

    async def cancel(self, request: Request, *, timeout_s: float) -> bool:
        """Refuse `request` for 30 days, unless it was done; True if it is refused now.

        If False, its answer was kept: undo it by a change. Of an update and a
        cancel at once, one wins. Raises RequestIdTooOldError: whether it was done is
        not known any more.
        """
