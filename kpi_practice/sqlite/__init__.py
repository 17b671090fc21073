"""Django's SQLite backend, with triggers that survive migrations."""
