"""Every number over weeks, months or quarters."""
