import logging
import shutil
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from funnel.reports.setup.host import job_lines, stuck_mails

logger = logging.getLogger(__name__)

# A row that every installation has, written as it is. Committed: a write that is rolled back does
# not reach the disk.
SAVE = """
UPDATE django_migrations SET applied = applied
WHERE id = (SELECT MAX(id) FROM django_migrations)
"""
# Bytes. SQLite writes over the space of its journal when the disk is full already, so that a small
# write succeeds when a larger one no longer does. The journal takes 4 MB between two checkpoints.
ROOM = 16 * 2**20


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 without any work, so that a slow database does not restart the app."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """503 and a reason unless the database is migrated and writable and a page renders.

    With `?jobs` also for late or failed jobs and stuck mails. One small write.
    """
    problem = _problem(request)
    if not problem and "jobs" in request.GET:
        problem = _problem_of_jobs()
    return HttpResponse(
        f"{problem or 'ok'}\n", content_type="text/plain", status=503 if problem else 200
    )


def _problem_of_jobs() -> str:
    now = timezone.now()
    problems = [f"{job.title}: {job.state}" for job in job_lines(now) if not job.is_on_time]
    if count := stuck_mails(now):
        problems.append(f"{count} mails have waited for over an hour")
    return "; ".join(problems)


def _problem(request: HttpRequest) -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        logger.exception("readyz: the database does not answer")
        return "The database does not answer."
    if pending:
        return f"{len(pending)} migrations have not run: manage.py migrate"
    if problem := _cannot_save():
        return problem
    try:
        render_to_string("404.html", request=request)
    except Exception:  # Whatever a page can raise means that pages cannot be served.
        logger.exception("readyz: a page does not render")
        return "A page does not render; is collectstatic done?"
    return ""


def _cannot_save() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute(SAVE)
    except Error:
        logger.exception("readyz: nothing can be saved")
        return "Nothing can be saved in the database."
    if connection.vendor == "sqlite":
        folder = Path(connection.settings_dict["NAME"]).parent
        if shutil.disk_usage(folder).free < ROOM:
            return f"The disk of the database has less than {ROOM // 2**20} MB left."
    return ""
