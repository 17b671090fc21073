"""What is to be delivered, and that it is delivered once: queued, claimed, retried, given up."""
