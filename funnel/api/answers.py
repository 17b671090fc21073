from typing import Any

from funnel.api.schemas import BatchProblemOut, ConflictOut, ProblemOut

READING = (401, 403, 404, 422, 429, 500, 503)
WRITING = (400, 401, 403, 404, 413, 422, 423, 429, 500, 503)


def reading(model: Any, *, known: bool = False) -> dict[int, Any]:
    """`known` adds 304."""
    may_be_known = {304: None} if known else {}
    return {200: model, **may_be_known, **dict.fromkeys(READING, ProblemOut)}


def writing(*, new: Any = None, stored: Any = None, conflicts: bool = True) -> dict[int, Any]:
    """201 if created."""
    done = {201: new} if new is not None else {}
    if stored is not None:
        done[200] = stored
    problems: dict[int, Any] = dict.fromkeys(WRITING, ProblemOut)
    if conflicts:
        problems[409] = ConflictOut
    return {**done, **dict(sorted(problems.items()))}


def of_a_batch(model: Any) -> dict[int, Any]:
    statuses = writing(stored=model, conflicts=False)
    return {**statuses, 422: BatchProblemOut}
