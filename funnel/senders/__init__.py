"""Write and send each kind of message."""
