"""The dashboard of a week, and its snapshot."""
