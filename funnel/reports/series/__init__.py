"""The only loader of numbers."""
