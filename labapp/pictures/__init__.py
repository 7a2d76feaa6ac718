"""Pictures: safe decoding and encoding, and the registry of operations.

A pure room: it imports nothing of labapp but errors. Importing `registry` or `pipeline` is cheap;
OpenCV, NumPy and Pillow are loaded when the first picture is touched.
"""
