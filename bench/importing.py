"""Measure an import in a process of its own: python -m bench.importing KPIS WEEKS

Prints JSON. Another process creates the workbook, so that its memory is not counted.
"""

import json
import resource
import subprocess
import sys
import time

import django

django.setup()

from bench.shapes import DATASETS  # noqa: E402
from funnel.access import take_seat  # noqa: E402
from funnel.actions import importing, imports  # noqa: E402
from funnel.domain.weeks import Week  # noqa: E402
from funnel.models import Import, Practice, User, WeeklyEntry  # noqa: E402
from funnel.sheets.reading import read  # noqa: E402

MAKE = """
import io, sys
from openpyxl import Workbook
last, weeks, *names = sys.argv[1:]
from funnel.domain.weeks import Week
book = Workbook(write_only=True)
sheet = book.create_sheet("Numbers")
sheet.append(["Week", "KPI", "Value"])
for number, week in enumerate(Week.parse(last).back(int(weeks))):
    for place, name in enumerate(names):
        sheet.append([week.monday, name, 100 + (number * 7 + place) % 23])
file = io.BytesIO()
book.save(file)
sys.stdout.buffer.write(file.getvalue())
"""


def measure(kpis: int, weeks: int) -> dict[str, float]:
    """Return seconds by step and peak memory in megabytes."""
    practice = Practice.objects.get(slug="imports")
    # Weeks before those of the dataset, as if the practice were older.
    last = Week(WeeklyEntry.objects.latest("week").week)
    first = last.plus(1 - DATASETS["imports"][0].weeks)
    _clean(practice, first)
    Practice.objects.update(began_on=first.plus(-weeks).monday)
    seat = take_seat(User.objects.get(email="manager@imports.example"), "imports")
    names = list(practice.kpis.in_order().values_list("name", flat=True)[:kpis])
    command = [sys.executable, "-c", MAKE, str(first), str(weeks), *names]
    content = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    try:
        return _steps(seat, content, first, kpis * weeks)
    finally:
        _clean(practice, first)


def _clean(practice: Practice, first: Week) -> None:
    """Also cleans up after a killed run."""
    Practice.objects.update(began_on=first.monday)
    gone = {"practice": practice, "week__lt": first.monday}
    WeeklyEntry.objects.filter(**gone)._raw_delete("default")
    WeeklyEntry.history.filter(**gone)._raw_delete("default")
    Import.objects.all().delete()


def _steps(seat, content: bytes, running: Week, numbers: int) -> dict[str, float]:
    given = {"by": seat, "file_name": "numbers.xlsx", "today": running.monday}
    start, cpu = time.perf_counter(), time.process_time()
    draft = imports.upload(sheets=read(content, "numbers.xlsx"), **given)
    checked = time.perf_counter()
    *_, written = importing.apply(by=seat, draft=draft, leaves_out=False, today=running.monday)
    done, cpu = time.perf_counter(), time.process_time() - cpu
    again = imports.upload(sheets=read(content, "numbers.xlsx"), **given)
    seen = time.perf_counter()
    *_, undone = importing.undo(by=seat, done=draft, today=running.monday)
    if (written, again.written, again.unchanged, undone) != (numbers, 0, numbers, numbers):
        raise RuntimeError("The import did not do what it is measured for.")
    return {
        "check": checked - start,
        "seconds": done - start,
        "cpu": cpu,
        "again": seen - done,
        "undo": time.perf_counter() - seen,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:]))))
