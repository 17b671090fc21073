"""Numbers over weeks, months or quarters."""
