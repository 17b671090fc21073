"""The parts of pages, templates/funnel/parts/, each rendered from a report."""

import re

from django.template.loader import render_to_string


def part(name: str, **context: object) -> str:
    """The HTML of a part, without the blanks between its tags."""
    html = render_to_string(f"funnel/parts/{name}.html", context)
    return re.sub(r">\s+<", "><", html).strip()
