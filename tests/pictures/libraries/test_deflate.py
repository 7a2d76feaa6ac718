"""A platform without a wheel of ISA-L writes and reads the same pictures by zlib."""

from __future__ import annotations

import importlib
import io
import sys
import zlib
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from labapp.errors import RefusedError
from labapp.pictures import libraries
from tests.pictures import codec
from tests.pictures.samples import noise


@pytest.fixture
def no_isal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as there:
        for name in ("isal", "isal.isal_zlib"):
            there.setitem(sys.modules, name, None)
        importlib.reload(libraries)
        yield
    importlib.reload(libraries)


@pytest.mark.usefixtures("no_isal")
def test_without_isa_l_zlib_packs_and_unpacks() -> None:
    assert libraries.deflate.compressobj.__module__ == zlib.__name__
    frame = noise(31, 17, 3)
    with io.BytesIO() as file:
        Image.fromarray(frame).save(file, "TIFF", compression="tiff_adobe_deflate")
        picture = codec.read(file.getvalue())
    np.testing.assert_array_equal(picture.frames[0], frame)
    written = codec.encode([(frame, 0.0)], picture.header, "png")
    np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(written.data))), frame)


@pytest.mark.usefixtures("no_isal")
def test_without_isa_l_a_damaged_piece_is_refused() -> None:
    with io.BytesIO() as file:
        Image.fromarray(noise(31, 17, 3)).save(file, "TIFF", compression="tiff_adobe_deflate")
        data = bytearray(file.getvalue())
    data[20:40] = bytes(20)
    with pytest.raises(RefusedError):
        codec.read(bytes(data))
