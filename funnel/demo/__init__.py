"""Fictional practices for `manage.py demo`."""
