"""The weekly meeting: agenda, state, follow-ups, recap, calendar."""
