"""Which directories of a TIFF are its pages, and which files are the raw ones of cameras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from labapp.errors import RefusedError
from tests.pictures import codec
from tests.pictures.samples import Frame, noise
from tests.pictures.tiffs import Tags, file, packed, tags


def page(values: Frame, **more: Any) -> tuple[Tags, list[bytes]]:
    values = values if values.ndim == 3 else values[..., None]
    photometric = 2 if values.shape[2] == 3 else 1
    found = tags(values, 8, photometric, t278=(4, [len(values)])) | {
        int(name[1:]): value for name, value in more.items()
    }
    return found, packed(values, 8)


def joined(values: Frame, **more: Any) -> tuple[Tags, list[bytes]]:
    found, rows = page(values, **more)
    return found, [b"".join(rows)]


NO_PAGES: list[dict[str, Any]] = [
    {"t254": (4, [1])}, {"t254": (4, [4])}, {"t254": (4, [5])}, {"t255": (3, [2])},
    {"t262": (3, [4])},
]  # fmt: skip


@pytest.mark.parametrize("more", NO_PAGES)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_thumbnails_masks_and_overviews_are_no_pages(more: dict[str, Any], place: int) -> None:
    pages = [joined(noise(8, 9)), joined(noise(8, 9, seed=2), t254=(4, [2]))]
    small = joined(noise(4, 4, 1), **more)
    picture = codec.read(file([*pages[:place], small, *pages[place:]]))
    assert picture.header.sizes == [(9, 8), (9, 8)]
    np.testing.assert_array_equal(picture.frames[1], noise(8, 9, seed=2))


@pytest.mark.parametrize("more", NO_PAGES)
def test_a_file_of_nothing_but_a_thumbnail_is_refused_as_that(more: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match="only a smaller copy or a mask"):
        codec.inspect(file([joined(noise(4, 4, 1), **more)]))


def test_overviews_in_sub_directories_are_no_pages_either() -> None:
    both = file([joined(noise(8, 9)), joined(noise(4, 4), t254=(4, [1]))])
    # The second directory hangs below the first instead of behind it.
    hanging = file([joined(noise(8, 9), t330=(4, [8]))])
    assert codec.inspect(both).frames == codec.inspect(hanging).frames == 1


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"t50706": (1, [1, 4, 0, 0])}, "is a DNG, the raw file of a camera"),
        ({"t254": (4, [1]), "t330": (4, [8]), "t271": (2, b"NIKON CORPORATION\0")},
         r"is the raw file of a camera \(NIKON CORPORATION\)"),
        ({"t262": (3, [32803])}, "is the raw file of a camera"),
        # Nikon, Sony, Samsung, Pentax, Kodak, and DNG's lossy JPEG.
        *(({"t259": (3, [number])}, "is the raw file of a camera")
          for number in (34713, 32767, 32770, 32769, 65535, 65000, 34892)),
        ({"t262": (3, [34892])}, "is the raw file of a camera"),
    ],
)  # fmt: skip
def test_raw_files_of_cameras_are_refused_as_that(more: dict[str, Any], name: str) -> None:
    with pytest.raises(RefusedError, match=name) as caught:
        codec.read(file([joined(noise(4, 4), **more)]))
    assert "Export it as JPEG" in caught.value.remedy


def test_a_raw_file_is_known_by_its_name_and_by_what_lies_below() -> None:
    plain = file([joined(noise(4, 4))])
    codec.read(plain, name="a.tif")
    for ending in ("ARW", "nef", "pef", "3fr"):
        with pytest.raises(RefusedError, match="is the raw file of a camera"):
            codec.read(plain, name=f"a.{ending}")
    # The chain's second directory, which is the sensor's, read as one below the first.
    two = file([joined(noise(4, 4)), joined(noise(4, 4, 1), t262=(3, [32803]))])
    with pytest.raises(RefusedError, match="is the raw file of a camera"):
        codec.read(two)
