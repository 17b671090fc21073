"""What numbers mean, without Django, clock or database."""
