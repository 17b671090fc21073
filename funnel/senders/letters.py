from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from funnel.models import Practice
from funnel.outbox.mail import Letter


def render(name: str, of: Practice, /, **context: Any) -> Letter:
    """Text and HTML of `mail/<name>.*` in the practice's time zone."""
    with timezone.override(of.zone):
        return Letter(
            subject=render_to_string(f"mail/{name}.subject.txt", context),
            text=render_to_string(f"mail/{name}.txt", context),
            html=render_to_string(f"mail/{name}.html", context),
        )


def render_text(name: str, /, **context: Any) -> Letter:
    """Text only, without times."""
    return Letter(
        subject=render_to_string(f"mail/{name}.subject.txt", context),
        text=render_to_string(f"mail/{name}.txt", context),
    )
