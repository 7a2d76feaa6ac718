"""Files: atomic replacement, private modes, encodings, and paths as people type them."""
