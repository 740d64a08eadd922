"""What is another's and what is not there are one answer, wherever a request names something.

Every field of every request that names something stands in `named`.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from tests.rights.callers import Issuers, bearer
from tests.rights.methods import METHODS, Method, Reply, call
from tests.rights.named import CASES, PAGES
from tests.rights.unowned import REASONS
from tests.rights.world import World, unlike

ENDINGS = ("_id", "_ids", "_token", "cursor", "_reference")
# Names the answer to a request of the caller's own: another's ids never meet them
# (tests/chassis/test_answers.py).
OWN = {"request_id"}


BY_NAME = {method.name: method for method in METHODS}


def names_in(message: Descriptor, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The fields, however deep, that name something."""
    for described in message.fields:
        here = (*path, described.name)
        if described.message_type is not None:
            yield from names_in(described.message_type, here)
        elif (
            described.type == FieldDescriptor.TYPE_STRING
            and described.name.endswith(ENDINGS)
            and described.name not in OWN
        ):
            yield ".".join(here)


def test_whatever_a_request_names_has_a_case_or_a_reason() -> None:
    named = {
        f"{method.name} {name}"
        for method in METHODS
        for name in names_in(method.descriptor.input_type)
    }
    explained = {key for keys in REASONS.values() for key in keys}
    assert named == CASES.keys() | PAGES.keys() | explained
    assert not explained & (CASES.keys() | PAGES.keys())


def asked(method: Method, name: str, thing: str, fields: Mapping[str, Any]) -> Any:
    request = method.request(**fields)
    described = method.descriptor.input_type.fields_by_name
    if "request_id" in described:
        request.request_id = str(uuid4())  # type: ignore[attr-defined]
    if described[name].is_repeated:
        getattr(request, name).append(thing)
    else:
        setattr(request, name, thing)
    return request


def less(reply: Reply, thing: str) -> bytes:
    """All that came back but the name that was asked for."""
    return reply.content.replace(thing.encode(), b"THING")


@pytest.mark.parametrize("key", CASES)
async def test_not_theirs_and_not_there_are_one_answer(
    channels: Mapping[str, grpc.aio.Channel], issuers: Issuers, world: World, key: str
) -> None:
    case, (method_name, name) = CASES[key], key.split(" ")
    method = BY_NAME[method_name]
    thing = world.things[case.thing or name]
    channel = channels[method.service]

    async def reply_to(caller: str, thing: str) -> Reply:
        token = world.callers[caller].token_for(issuers, method.service)
        return await call(channel, method, asked(method, name, thing, case.fields), bearer(token))

    for stranger in case.strangers:
        theirs, none = await reply_to(stranger, thing), await reply_to(stranger, unlike(thing))
        assert theirs.reason not in {"UNAUTHENTICATED", "ACCESS_DENIED"}, stranger
        assert less(theirs, thing) == less(none, unlike(thing)), stranger
        if case.entitled:
            shown = await reply_to(case.entitled, thing)
            assert less(shown, thing) != less(theirs, thing), case.entitled


@pytest.mark.parametrize("key", PAGES)
async def test_anothers_page_is_no_page(
    channels: Mapping[str, grpc.aio.Channel], issuers: Issuers, world: World, key: str
) -> None:
    pages, (method_name, name) = PAGES[key], key.split(" ")
    method = BY_NAME[method_name]
    channel = channels[method.service]

    async def reply_to(caller: str, **fields: Any) -> Reply:
        token = world.callers[caller].token_for(issuers, method.service)
        return await call(channel, method, method.request(page_size=1, **fields), bearer(token))

    first = await reply_to(pages.owner, **pages.theirs)
    token = next_page_in(method, first)
    assert (await reply_to(pages.owner, **pages.theirs, **{name: token})).code == "OK"
    refused = await reply_to(pages.stranger, **pages.own, **{name: token})
    nonsense = await reply_to(pages.stranger, **pages.own, **{name: "none"})
    assert refused.reason == "INVALID_PAGE"
    assert refused.content == nonsense.content


def next_page_in(method: Method, reply: Reply) -> str:
    assert reply.code == "OK", reply
    token = str(reply.answers[0].next_page_token)  # type: ignore[attr-defined]
    assert token, "there must be a second page"
    return token
