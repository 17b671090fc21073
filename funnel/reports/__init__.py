"""Readers of pages: querysets in, frozen dataclasses out, queries as documented."""
