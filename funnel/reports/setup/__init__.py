"""Pages that set a practice up: start, imports, responsibilities, tokens, screens, webhooks."""
