import json
from datetime import date

from funnel.templatetags.data import data_script


def test_writes_what_json_script_writes_without_its_spaces():
    html = data_script({"weeks": ["Nov 16"], "values": [27.0, None]}, "trend-data")
    start = '<script id="trend-data" type="application/json">'
    assert html == start + '{"weeks":["Nov 16"],"values":[27.0,null]}</script>'


def test_text_that_would_end_the_script_is_text():
    html = data_script(["</script><b>&"], "data")
    assert html.count("<") == 2
    assert json.loads(html[html.index(">") + 1 : html.rindex("<")]) == ["</script><b>&"]


def test_a_day_is_written_as_django_does():
    assert '"2026-11-16"' in data_script({"day": date(2026, 11, 16)}, "data")
