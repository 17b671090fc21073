"""The weekly KPI meeting of an aesthetic practice."""
