"""The OpenAPI 3.1 document, made of the route table and the structs that also decode and encode.

https://spec.openapis.org/oas/v3.1.0
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from chassis.access import CUSTOMER
from services.gateway.problems import CONTENT_TYPE as PROBLEM_TYPE
from services.gateway.problems import TITLES, Problem
from services.gateway.reading import KEY_HEADER
from services.gateway.reasons import (
    ANY,
    LIMITED,
    SIGNED_IN,
    STREAMS,
    WITH_BODY,
    WRITES,
    Stated,
    stated,
)
from services.gateway.routes import EVENT_STREAM, Route
from services.gateway.wire import JSON, Nothing

Json: TypeAlias = dict[str, Any]

REF = "#/components/schemas/{name}"
PARAMETER = re.compile(r"{(\w+)}")
DESCRIPTION = (
    "The HTTP API of Comptoir for the customer's app and the shop's terminal. "
    "Money is in the currency's smallest unit, quantities are whole numbers of the article's "
    "smallest stock unit, instants are RFC 3339 in UTC. Every write carries an Idempotency-Key; "
    "sent again with the same key and body it gets the first answer again. "
    "Whoever asks with `Cache-Control: no-cache` is answered by the owner of the data."
)
PATH_WORDS: Mapping[str, str] = {
    "sku": "The retailer's article number.",
    "location_id": "The shop.",
    "parcel_id": "From a list of parcels.",
    "order_id": "The order.",
    "terminal_id": "The terminal.",
    "customer_id": "The customer.",
}
KEY_WORDS = "A UUID, new for each intent and the same when that is sent again."
CLIENT_WORDS = "`web`: the refresh token travels in a cookie that no script can read."
EVENT_ID_WORDS = "The id of the last event that came; the stream goes on behind it."


def document(routes: Iterable[Route]) -> Json:
    routes = tuple(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Comptoir", "version": "1", "description": DESCRIPTION},
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "schemas": schemas(routes),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def schemas(routes: Iterable[Route]) -> Json:
    bodies = (struct for route in routes for struct in (route.body, route.answer))
    structs = {struct for struct in bodies if struct not in (None, Nothing)} | {Problem}
    ordered = sorted((struct for struct in structs if struct), key=lambda struct: struct.__name__)
    _, found = msgspec.json.schema_components(ordered, ref_template=REF)
    return dict(sorted(found.items()))


def operation(route: Route) -> Json:
    described: Json = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "description": who_may(route),
        "tags": [route.tag],
        "parameters": [*path_parameters(route), *query_parameters(route), *headers(route)],
        "responses": {**successes(route), **problems(route)},
        "security": [{}, {"bearer": []}] if route.is_public else [{"bearer": []}],
    }
    if route.body is not Nothing:
        described["requestBody"] = {
            "required": bool(own_schema(route.body)["required"]),
            "content": {JSON: {"schema": ref(route.body)}},
        }
    return described


def operation_id(route: Route) -> str:
    module = route.handler.__module__.removeprefix("services.gateway.").replace(".", "_")
    return f"{module}_{route.handler.__name__}"


def who_may(route: Route) -> str:
    if route.is_public:
        return "For everybody."
    if CUSTOMER in route.who:
        return "For customers."
    roles = sorted(grant.removeprefix("staff:") for grant in route.who)
    return f"For staff: {', '.join(roles)}."


def path_parameters(route: Route) -> list[Json]:
    return [
        parameter(found, "path", PATH_WORDS[found], {"type": "string"}, required=True)
        for found in PARAMETER.findall(route.path)
    ]


def query_parameters(route: Route) -> list[Json]:
    schema = own_schema(route.query)
    return [
        parameter(
            field,
            "query",
            described.pop("description", ""),
            described,
            required=field in schema["required"],
        )
        for field, described in schema["properties"].items()
    ]


def headers(route: Route) -> list[Json]:
    found = []
    uuid = {"type": "string", "format": "uuid"}
    if route.is_write:
        found.append(parameter(KEY_HEADER, "header", KEY_WORDS, uuid, required=True))
    if "sessions" in route.path and route.method == "POST":
        web = {"type": "string", "enum": ["web"]}
        found.append(parameter("X-Comptoir-Client", "header", CLIENT_WORDS, web, required=False))
    if route.content_type == EVENT_STREAM:
        text = {"type": "string"}
        found.append(parameter("Last-Event-ID", "header", EVENT_ID_WORDS, text, required=False))
    return found


def parameter(name: str, where: str, words: str, schema: Json, *, required: bool) -> Json:
    described = {"description": words} if words else {}
    return {"name": name, "in": where, "required": required, **described, "schema": schema}


def successes(route: Route) -> Json:
    others = {str(status): {"description": words} for status, words in route.also.items()}
    if route.method == "GET" and route.content_type != EVENT_STREAM:
        others["304"] = {"description": "As If-None-Match has it."}
    return {str(route.status): success(route), **others}


def success(route: Route) -> Json:
    if route.status == 204:
        return {"description": "Done."}
    schema = ref(route.answer) if route.answer is not None else {"type": "string"}
    words = (
        "Events, the data of each as described." if route.content_type == EVENT_STREAM else "OK."
    )
    return {"description": words, "content": {route.content_type: {"schema": schema}}}


def problems(route: Route) -> Json:
    by_status: dict[int, list[str]] = {}
    for reason, status in reasons_of(route):
        by_status.setdefault(status, []).append(reason)
    content = {PROBLEM_TYPE: {"schema": ref(Problem)}}
    return {
        str(status): {
            "description": f"{TITLES[status]}: {', '.join(f'`{reason}`' for reason in found)}.",
            "content": content,
        }
        for status, found in sorted(by_status.items())
    }


def reasons_of(route: Route) -> list[Stated]:
    """Every reason the route may fail with, its own first."""
    found = [*route.problems, *ANY]
    found += SIGNED_IN if not route.is_public else ()
    found += WITH_BODY if route.body is not Nothing else ()
    found += WRITES if route.is_write else ()
    found += LIMITED if route.limit is not None else ()
    found += STREAMS if route.content_type == EVENT_STREAM else ()
    return [stated(text) for text in dict.fromkeys(found)]


def own_schema(struct: type[Struct]) -> Json:
    found: Json = msgspec.json.schema(struct)["$defs"][name(struct)]
    return found


def ref(struct: type[Struct]) -> Json:
    return {"$ref": REF.format(name=name(struct))}


def name(struct: type[Struct]) -> str:
    return struct.__name__
