"""Queues and dead letters: looked at, purged, redriven."""
