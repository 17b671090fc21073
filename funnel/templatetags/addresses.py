"""Addresses of pages."""

from functools import lru_cache

from django import template
from django.urls import reverse

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=4096)
def address(name: str, *given: object) -> str:
    """The page of that name, of a practice's slug, a KPI's or a week where it takes them; computed
    once a process, because addresses do not change."""
    return reverse(name, args=given)
