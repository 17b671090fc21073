import os

from kpi_practice.settings import *  # noqa: F403
from kpi_practice.settings import BASE_DIR, MIDDLEWARE, TEMPLATES

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"].append(BASE_DIR / "bench" / "templates")
STATIC_ROOT = BASE_DIR / ".bench" / "staticfiles"
# Counting costs time: the counted server is never the timed one.
if os.environ.get("BENCH_COUNTS"):
    MIDDLEWARE.insert(0, "bench.counting.count_statements")
