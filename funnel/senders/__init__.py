"""How each kind of message is written and sent when it is due, and what is to be queued by then."""
