"""Numbers to enter, entered and missing."""
