"""Read TIFF: directories, what a page holds, its pieces, and what its samples mean.

Pillow knows a list of combinations of tags, and reads what is near to one of them as if it were it.
Here every tag that changes a pixel is looked at, and what is not understood is refused by name; of
libtiff, by way of Pillow, only its decompressors are used.
"""
