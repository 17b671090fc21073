"""The same examples on every run: a property that fails, fails for everyone."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None, max_examples=200)
settings.load_profile("steady")
