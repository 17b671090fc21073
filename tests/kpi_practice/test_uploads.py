"""kpi_practice/uploads.py: a file that nobody reads is not stored."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from funnel.sheets.bounds import MAX_BYTES
from kpi_practice.uploads import MOST_BYTES


def files_of(size):
    request = RequestFactory().post("/", {"a": SimpleUploadedFile("a.csv", b"x" * size), "b": "c"})
    assert request.POST["b"] == "c"
    sizes = {name: file.size for name, file in request.FILES.items()}
    request.close()
    return sizes


@pytest.mark.parametrize("size", [0, 10, 3_000_000, MOST_BYTES])
def test_a_file_of_a_size_that_is_read_comes_through(size):
    assert files_of(size) == {"a": size}


def test_a_larger_one_is_let_go_of_and_the_rest_of_the_form_comes_through():
    assert files_of(MOST_BYTES + 1) == {}


def test_the_largest_spreadsheet_passes_the_proxy_and_the_handler():
    nginx = Path(__file__).parents[2] / "deploy" / "nginx.conf"
    megabytes = int(re.search(r"client_max_body_size (\d+)m;", nginx.read_text())[1])
    assert MAX_BYTES < MOST_BYTES < megabytes * 1_000_000
