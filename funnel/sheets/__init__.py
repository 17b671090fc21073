"""Files of tables: bytes to rows, and rows to bytes."""
