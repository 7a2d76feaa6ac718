"""Encoders for what Pillow writes slowly, or not frame for frame.

Pillow joins equal frames of an animation into one and holds all of them until the end; these write
each frame as it comes, cut to the part that changed, with its own duration.
"""
