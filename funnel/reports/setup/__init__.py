"""Setup of a practice."""
