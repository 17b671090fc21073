"""One number over time: how it behaves and what was changed."""
