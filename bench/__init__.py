"""Measures the pages against a bare logged-in page: python3 dev.py bench."""
