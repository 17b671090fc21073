"""Addresses of a practice's pages in the frame of every page."""

from functools import lru_cache

from django import template
from django.urls import reverse

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=4096)
def address(name: str, slug: str) -> str:
    """The practice's page of that name, worked out once a process: addresses do not change."""
    return reverse(name, args=[slug])
