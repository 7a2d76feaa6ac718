"""The face of decoding and encoding: look at a picture's header, read it, write it.

    header = codec.inspect(path)
    picture = codec.read(path)
    codec.write(picture, result, "png")

Everything that is wrong with a picture leaves as RefusedError, whatever its bytes are.
"""

from labapp.pictures.header import Header
from labapp.pictures.limits import known_format
from labapp.pictures.reading import Opened, Picture, Source, inspect, open_picture, read
from labapp.pictures.writing import Encoded, encode, write

__all__ = [
    "Encoded",
    "Header",
    "Opened",
    "Picture",
    "Source",
    "encode",
    "inspect",
    "known_format",
    "open_picture",
    "read",
    "write",
]
