"""Addresses of a practice's pages."""

from functools import lru_cache

from django import template
from django.urls import reverse

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=4096)
def address(name: str, slug: str, *rest: object) -> str:
    """The practice's page of that name, of a KPI's slug or a week where it takes one; computed
    once a process, because addresses do not change."""
    return reverse(name, args=[slug, *rest])
