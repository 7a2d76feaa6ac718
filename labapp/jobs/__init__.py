"""What travels through the queues, and what a client remembers of it."""
