"""JSON data for static/js/."""

from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import json_script
from django.utils.safestring import SafeString

register = template.Library()


# Without a space after each of thousands of numbers, which every response would compress.
class Compact(DjangoJSONEncoder):
    item_separator = ","
    key_separator = ":"


@register.filter
def data_script(value: Any, element_id: str) -> SafeString:
    return json_script(value, element_id, Compact)
