"""The engine behind server.py: takes messages, has their jobs done, stores, answers, deletes."""
