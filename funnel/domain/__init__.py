"""Pure functions, without Django, clock or database."""
