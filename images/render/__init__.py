"""The renderer that made the dataset's pictures; see images/README.md.

Nothing of labapp imports it: it is run by hand, from the project's folder, when a picture changes.
"""
