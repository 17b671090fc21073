"""Two questions a supervisor asks: is the process alive, and can it serve a page?"""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from funnel.reports.setup.host import job_lines

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: 200 without touching anything, so that a slow database does not restart the app."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready: 200 when the database answers, is migrated, and a page renders; else 503 and why.

    With `?jobs` also when no job is late or failed.
    """
    problem = _problem(request)
    if not problem and "jobs" in request.GET:
        problem = _problem_of_jobs()
    return HttpResponse(
        f"{problem or 'ok'}\n", content_type="text/plain", status=503 if problem else 200
    )


def _problem_of_jobs() -> str:
    late = [job for job in job_lines(timezone.now()) if not job.is_on_time]
    return "; ".join(f"{job.title}: {job.state}" for job in late)


def _problem(request: HttpRequest) -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        logger.exception("readyz: the database does not answer")
        return "The database does not answer."
    if pending:
        return f"{len(pending)} migrations have not run: manage.py migrate"
    try:
        render_to_string("404.html", request=request)
    except Exception:  # Whatever a page can raise means that pages cannot be served.
        logger.exception("readyz: a page does not render")
        return "A page does not render; is collectstatic done?"
    return ""
