"""Checks of ours, loaded by schemathesis: what a problem says is what its route states."""

import json
import re
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response

PROBLEM = "application/problem+json"
REASON = re.compile(r"`([A-Z_]+)`")
# Said where nothing, or another operation, is at the path and method that a case came to.
ELSEWHERE = {"NOT_FOUND", "METHOD_NOT_ALLOWED"}

# JSON Schema takes 1.0 for a whole number. We do not: amounts are never floats here.
FLOAT = "Expected int, got float"


def problem_in(response: Response) -> dict[str, Any] | None:
    kind = response.headers.get("content-type", [""])[0]
    found: dict[str, Any] | None = json.loads(response.content) if kind == PROBLEM else None
    return found


def stated(case: Case[Any], status: int) -> set[str]:
    described = case.operation.definition.raw["responses"].get(str(status), {})
    return set(REASON.findall(described.get("description", "")))


@schemathesis.check
def a_problem_is_one_that_the_route_states(
    ctx: CheckContext, response: Response, case: Case[Any]
) -> None:
    problem = problem_in(response)
    if problem is None or problem["reason"] in ELSEWHERE:
        return
    assert problem["status"] == response.status_code
    assert problem["reason"] in stated(case, response.status_code), problem
    assert problem["detail"] and problem["title"]


@schemathesis.check
def what_fits_the_schema_is_not_called_otherwise(
    ctx: CheckContext, response: Response, case: Case[Any]
) -> None:
    """Refused it may be, by a rule that no schema can say; then with that rule's own reason."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    problem = problem_in(response) or {}
    assert problem.get("reason") != "INVALID_REQUEST" or FLOAT in problem["detail"], problem


@schemathesis.check
def no_answer_tells_what_we_run_on(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    assert response.headers.get("server") == ["comptoir"]
