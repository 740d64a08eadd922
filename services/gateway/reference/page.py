"""The reference page: the OpenAPI document for people, in one file without scripts."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from services.gateway.openapi import Json
from services.gateway.reasons import REASONS

STYLE_PATH = "/docs/reference.css"
DOCUMENT_PATH = "/openapi.json"
# What any route may answer, whatever it is for.
ANYWHERE = frozenset(("304", "408", "413", "415", "429", "500", "503", "504"))
REQUIRED = ' class="required"'


def page(document: Json) -> str:
    info = document["info"]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}: HTTP API</title>"
        f'<link rel="stylesheet" href="{STYLE_PATH}"></head><body><div class="page">'
        f"{contents(document)}<main><h1>{escape(info['title'])}: HTTP API</h1>"
        f"<p>{words(info['description'])}</p>"
        f'<p>The same for programs: <a href="{DOCUMENT_PATH}">OpenAPI 3.1</a>.</p>'
        f"{operations(document)}{problems()}{schemas(document)}</main></div></body></html>"
    )


def contents(document: Json) -> str:
    groups = "".join(group(document, tag) for tag in tags(document))
    ends = '<li><a href="#problems">Problems</a></li><li><a href="#bodies">Bodies</a></li>'
    return f'<nav aria-label="Contents">{groups}<h2>Everywhere</h2><ul>{ends}</ul></nav>'


def group(document: Json, tag: str) -> str:
    entries = "".join(entry(*found) for found in tagged(document, tag))
    return f"<h2>{escape(tag)}</h2><ul>{entries}</ul>"


def entry(path: str, method: str, operation: Json) -> str:
    return f'<li><a href="#{operation["operationId"]}">{escape(operation["summary"])}</a></li>'


def operations(document: Json) -> str:
    return "".join(
        f"<h2>{escape(tag)}</h2>{''.join(article(*found) for found in tagged(document, tag))}"
        for tag in tags(document)
    )


def article(path: str, method: str, operation: Json) -> str:
    parts = (
        f'<article id="{operation["operationId"]}"><h3>{badge(method)}<code>{escape(path)}</code>'
        f"</h3><p>{escape(operation['summary'])}.</p>",
        f'<p class="who">{escape(operation["description"])}</p>',
        table("Parameters", (parameter(one) for one in operation["parameters"])),
        table("Body", body(operation)),
        answers(operation["responses"]),
        "</article>",
    )
    return "".join(parts)


def answers(responses: Mapping[str, Json]) -> str:
    """Those of this route; those that any may have are folded away."""
    own = (answer(*one) for one in responses.items() if one[0] not in ANYWHERE)
    others = (answer(*one) for one in responses.items() if one[0] in ANYWHERE)
    folded = f"<details><summary>As anywhere</summary>{table('', others)}</details>"
    return f"{table('Answers', own)}{folded}"


def badge(method: str) -> str:
    return f'<span class="method {method}">{method.upper()}</span>'


def parameter(found: Json) -> str:
    return row(
        f"<code{REQUIRED if found['required'] else ''}>{escape(found['name'])}</code>",
        f"{found['in']}, {kind(found['schema'])}",
        words(found.get("description", "")),
    )


def body(operation: Json) -> Iterable[str]:
    if "requestBody" not in operation:
        return ()
    return (
        row(kind(one["schema"]), escape(content_type), "")
        for content_type, one in operation["requestBody"]["content"].items()
    )


def answer(status: str, response: Json) -> str:
    content: Mapping[str, Any] = response.get("content", {})
    shown = ", ".join(kind(one["schema"]) for one in content.values())
    return row(f"<code>{status}</code>", shown, words(response["description"]))


def problems() -> str:
    rows = (
        row(f'<code id="{reason}">{reason}</code>', str(found.status), words(found.words))
        for reason, found in REASONS.items()
    )
    return f'<h2 id="problems">Problems</h2><article>{table("Reasons", rows)}</article>'


def schemas(document: Json) -> str:
    found = document["components"]["schemas"].items()
    return f'<h2 id="bodies">Bodies</h2>{"".join(schema(name, one) for name, one in found)}'


def schema(name: str, found: Json) -> str:
    required = set(found.get("required", ()))
    rows = (
        row(
            f"<code{REQUIRED if field in required else ''}>{escape(field)}</code>",
            kind(one),
            words(one.get("description", "")),
        )
        for field, one in found.get("properties", {}).items()
    )
    told = words(found.get("description", ""))
    return f'<article id="{name}"><h3>{name}</h3><p>{told}</p>{table("Fields", rows)}</article>'


def kind(found: Json) -> str:
    """What a value is, in a word or two, with a link where it has a name."""
    if "$ref" in found:
        name = found["$ref"].rpartition("/")[2]
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in found:
        return " or ".join(dict.fromkeys(kind(one) for one in found["anyOf"]))
    if "enum" in found:
        return " or ".join(f"<code>{escape(str(one) or '(empty)')}</code>" for one in found["enum"])
    if found.get("type") == "array":
        return f"list of {kind(found['items'])}"
    return escape(str(found.get("format") or found.get("type", "any")))


def table(title: str, rows: Iterable[str]) -> str:
    content = "".join(rows)
    heading = f"<h4>{title}</h4>" if title else ""
    return f"{heading}<table><tbody>{content}</tbody></table>" if content else ""


def row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def words(text: str) -> str:
    """Text with `code` in backticks; a reason leads to what it means."""
    parts = escape(text).split("`")
    return "".join(code(part) if n % 2 else part for n, part in enumerate(parts))


def code(text: str) -> str:
    shown = f"<code>{text}</code>"
    return f'<a href="#{text}">{shown}</a>' if text in REASONS else shown


def tags(document: Json) -> list[str]:
    return [tag["name"] for tag in document["tags"]]


def tagged(document: Json, tag: str) -> list[tuple[str, str, Json]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if tag in operation["tags"]
    ]
