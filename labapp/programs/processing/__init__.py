"""Pictures that are sent to be processed, and their results."""
