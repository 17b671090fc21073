"""Queue, claim, retry and expire messages."""
