"""What the numbers mean, in plain Python: no Django, no clock, no database."""
