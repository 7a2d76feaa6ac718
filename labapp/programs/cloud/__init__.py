"""The cloud: what it is, made, started, stopped, reset."""
