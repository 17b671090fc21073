"""The only page readers: querysets in, frozen dataclasses out, a fixed number of queries."""
