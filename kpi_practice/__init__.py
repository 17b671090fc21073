"""Project: settings, URLs, middleware."""
