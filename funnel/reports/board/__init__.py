"""What the dashboard shows of a week, and the snapshot of it."""
