"""Benchmark of the pages."""
