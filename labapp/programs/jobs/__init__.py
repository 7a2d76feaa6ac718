"""What was sent from this machine, and what became of it."""
