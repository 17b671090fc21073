"""Setup of a practice: start, imports, responsibilities, screens, tokens, webhooks."""
