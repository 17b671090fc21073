"""The Django admin. A library's own admin is left out: it does not restrict rows to practices."""
