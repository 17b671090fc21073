"""What static/js/ draws, in the page."""

from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import json_script
from django.utils.safestring import SafeString

register = template.Library()


class Compact(DjangoJSONEncoder):
    """Without a space after each of thousands of numbers, which each answer would compress."""

    item_separator = ","
    key_separator = ":"


@register.filter
def data_script(value: Any, element_id: str) -> SafeString:
    """As Django's json_script."""
    return json_script(value, element_id, Compact)
