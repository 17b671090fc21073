"""URLs of pages."""

from functools import lru_cache

from django import template
from django.urls import reverse

register = template.Library()


# Cached for the life of the process: URLs do not change.
@register.simple_tag
@lru_cache(maxsize=4096)
def address(name: str, *given: object) -> str:
    return reverse(name, args=given)
