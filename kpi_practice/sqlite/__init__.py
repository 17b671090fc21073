"""SQLite with triggers that survive migrations."""
