"""Readers of pages: querysets in, frozen dataclasses out. Functions make only the queries their
docstrings count."""
