"""Labelling: the question, one picture after the other."""
