"""kpi_practice/middleware.py: headers for caches."""

from django.http import HttpResponse

from kpi_practice.middleware import no_store


def test_a_page_is_kept_out_of_every_cache(rf):
    response = no_store(lambda request: HttpResponse())(rf.get("/"))
    assert response["Cache-Control"] == "private, no-store"


def test_a_view_that_says_otherwise_is_obeyed(rf):
    said = HttpResponse(headers={"Cache-Control": "public, max-age=60"})
    assert no_store(lambda request: said)(rf.get("/"))["Cache-Control"] == "public, max-age=60"
