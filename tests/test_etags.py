"""funnel/etags.py: 304 before the answer is built."""

import pytest
from django.http import HttpResponse

from funnel.etags import etag_of, tagged, unchanged

FACTS = ("wall", 1, 7, "2026-11-24")


def test_each_fact_and_the_release_make_another(settings):
    tags = {etag_of(*FACTS), etag_of(*FACTS)}
    assert len(tags) == 1
    for place in range(len(FACTS)):
        tags.add(etag_of(*FACTS[:place], "other", *FACTS[place + 1 :]))
    settings.RELEASE = "another"
    tags.add(etag_of(*FACTS))
    assert len(tags) == 2 + len(FACTS)


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}'])
def test_whoever_names_it_gets_304(rf, known):
    etag = etag_of(*FACTS)
    response = unchanged(rf.get("/", headers={"If-None-Match": known.format(etag)}), etag)
    assert (response.status_code, response.headers["ETag"], response.content) == (304, etag, b"")


@pytest.mark.parametrize("headers", [{}, {"If-None-Match": '"other"'}, {"If-None-Match": "*"}])
def test_anyone_else_gets_the_answer(rf, headers):
    assert unchanged(rf.get("/", headers=headers), etag_of(*FACTS)) is None


@pytest.mark.parametrize(("known", "status"), [("*", 304), ('"other"', 200)])
def test_the_answer_carries_it(rf, known, status):
    etag = etag_of(*FACTS)
    response = tagged(rf.get("/", headers={"If-None-Match": known}), HttpResponse("x"), etag)
    assert (response.status_code, response.headers["ETag"]) == (status, etag)
