"""The picture desk: files, the picture, and what is to be done to it, on one page."""
