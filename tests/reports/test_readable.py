from dataclasses import dataclass

import pytest
from django.template import Context, Engine

from funnel.reports.readable import Readable


@dataclass(frozen=True, slots=True)
class Finding(Readable):
    stage: str

    @property
    def shout(self) -> str:
        return self.stage.upper()


def test_a_template_reads_fields_and_properties():
    template = Engine().from_string("{{ finding.stage }} {{ finding.shout }}{{ finding.none }}")
    assert template.render(Context({"finding": Finding("leads")})) == "leads LEADS"


def test_the_first_question_of_a_template_is_answered():
    assert Finding("leads")["shout"] == "LEADS"
    with pytest.raises(AttributeError):
        Finding("leads")["none"]
