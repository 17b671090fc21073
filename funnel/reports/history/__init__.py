"""One KPI over time."""
