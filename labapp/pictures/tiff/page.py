"""Which directories of a TIFF are pages, and what a page says of itself; the rest by name.

Numbers are those of TIFF 6.0 and of the registry that libtiff keeps (tiff.h).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from labapp.pictures import libraries
from labapp.pictures.strangers import DEVELOP, RAW_ENDINGS, UnsupportedError
from labapp.pictures.tiff.directory import Directories, Directory

#: What helps where a TIFF is of a kind that is not taken.
PLAINER = "Save it in an image editor as PNG, or as a TIFF with 8 or 16 bits in grey or RGB."

#: Photometric interpretations that are read.
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, MASK, CMYK, YCBCR = range(7)
CIELAB, ICCLAB = 8, 9
_COLOURS = {RGB: 3, CMYK: 4, YCBCR: 3, CIELAB: 3, ICCLAB: 3}
_RAW = frozenset((32803, 34892))
_OTHERS = {
    10: "in ITU L*a*b*", 32844: "in LogL, for high dynamic range",
    32845: "in LogLuv, for high dynamic range", 51177: "a depth map",
}  # fmt: skip

#: Compressions that are read.
NONE, RLE, FAX3, FAX4, LZW, OLD_JPEG, JPEG, DEFLATE = range(1, 9)
RLE_WORDS, PACKBITS, OLD_DEFLATE, LZMA, ZSTD, WEBP = 32771, 32773, 32946, 34925, 50000, 50001
FAX = frozenset((RLE, FAX3, FAX4, RLE_WORDS))
_READ = FAX | {NONE, LZW, OLD_JPEG, JPEG, DEFLATE, PACKBITS, OLD_DEFLATE, LZMA, ZSTD, WEBP}
_COMPRESSIONS = {
    9: "JBIG", 10: "JBIG", 32766: "NeXT's run lengths", 32809: "ThunderScan", 32895: "IT8",
    32908: "Pixar's film", 32909: "Pixar's log", 33003: "JPEG 2000", 33004: "JPEG 2000",
    33005: "JPEG 2000", 34661: "JBIG", 34676: "SGI LogLuv", 34677: "SGI LogLuv",
    34712: "JPEG 2000", 34887: "LERC", 34934: "JPEG XR", 22610: "JPEG XR", 50002: "JPEG XL",
    52546: "JPEG XL", 34719: "JBIG2",
}  # fmt: skip
#: Compressions that only the raw files of cameras have: Nikon, Sony, Samsung, Pentax, Kodak, DNG.
_RAW_COMPRESSIONS = frozenset((34713, 32767, 32770, 32769, 65535, 65000, 34892))

#: Sample formats (tag 339).
UNSIGNED, SIGNED, FLOAT, UNDEFINED = 1, 2, 3, 4
#: Bits of a sample that are read, by sample format.
_BITS = {
    UNSIGNED: (*range(1, 17), 24, 32, 64),
    SIGNED: (8, 16, 32, 64),
    FLOAT: (16, 32, 64),
}

#: Samples of a pixel at most: those beyond colours and alpha are left out, yet have to be unpacked.
_MOST_SAMPLES = 16

#: Characters of a camera's make that a message repeats.
_LONGEST_BRAND = 40

#: Kinds of additional samples (tag 338).
ASSOCIATED, UNASSOCIATED = 1, 2


@dataclass(frozen=True)
class TiffPage:
    """What one page says of itself, found to be understood.

    Args:
        directory: its tags.
        width: in pixels, as stored.
        height: as width.
        samples: of each pixel, additional ones included.
        bits: of each sample.
        sample_format: unsigned, signed or floating.
        photometric: what the samples mean.
        compression: of its pieces.
        planar: whether each sample has pieces of its own.
        predictor: 1 for none, 2 for differences, 3 for those of floating numbers.
        colours: samples that are colour; those behind are additional.
        alpha: which sample is alpha, and whether colour is multiplied by it; None without.
        orientation: EXIF's number.
        unit: pixels across and down that share their chroma; each such unit is then stored as one
            pixel of more samples.
    """

    directory: Directory
    width: int
    height: int
    samples: int
    bits: int
    sample_format: int
    photometric: int
    compression: int
    planar: bool
    predictor: int
    colours: int
    alpha: tuple[int, bool] | None
    orientation: int
    unit: tuple[int, int] = (1, 1)

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height once it is upright."""
        wide, tall = self.width, self.height
        return (tall, wide) if self.orientation >= 5 else (wide, tall)

    @property
    def mode(self) -> str:
        """Name it as Pillow would, had it a mode for each."""
        if self.photometric in (CIELAB, ICCLAB):
            return "LAB"
        name = {RGB: "RGB", YCBCR: "RGB", PALETTE: "P", CMYK: "CMYK"}.get(self.photometric)
        if name is None:
            if self.bits == 1 and self.alpha is None:
                return "1"
            deep = "F" if self.sample_format == FLOAT else "I;16" if self.bits <= 16 else "I"
            name = "L" if self.bits <= 8 else deep
        return name + "A" if self.alpha and name in ("L", "RGB", "P") else name

    @property
    def profile(self) -> bytes | None:
        """Its ICC profile."""
        return self.directory.raw(34675) or None


def pages(data: bytes, most: int, name: str = "") -> list[TiffPage]:
    """Give the pages of a file, up to one more than `most`.

    Smaller copies and masks of other pages (TIFF 6.0, section 8) are none.

    Args:
        data: the whole file.
        most: pages that are taken.
        name: of the file, whose end tells the raw file of a camera.

    Raises:
        OutsideError: a directory lies behind the end of the file.
        DamagedError: directories lie over one another.
        UnsupportedError: the raw file of a camera, or no page among them.
    """
    found: list[Directory] = []
    others = 0
    directories = Directories(data)
    for number, directory in enumerate(directories.walk()):
        if number <= most:
            inner = itertools.chain((directory,), directories.below(directory))
            _check_raw(directory, inner, name, first=number == 0)
        if _is_page(directory):
            found.append(directory)
        else:
            others += 1
        if len(found) > most:
            break
    if others and not found:
        raise UnsupportedError(
            "is a TIFF that holds only a smaller copy or a mask of a picture, not the picture",
            "Send the file with the picture itself.",
        )
    return [describe(directory) for directory in found]


def describe(directory: Directory) -> TiffPage:
    """Check a page's tags.

    Raises:
        UnsupportedError: what is not taken, by name.
    """
    photometric = directory.number(262, -1)
    compression = directory.number(259, NONE)
    if photometric < 0:  # must be there, and is left out by some
        photometric = {1: BLACK_IS_ZERO, 3: RGB}.get(directory.number(277, 1), -1)
    if compression not in _READ:
        how = _COMPRESSIONS.get(compression, f"method {compression}")
        raise _unsupported(f"whose pixels are compressed by {how}")
    if libraries.lacks(compression):
        how = libraries.BY_LIBRARIES[compression]
        raise _unsupported(f"whose pixels are compressed by {how}, which is missing here")
    if photometric in _OTHERS:
        raise _unsupported(f"whose colours are {_OTHERS[photometric]}")
    if photometric not in (*_COLOURS, WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE):
        raise _unsupported(f"with colours of an unknown kind ({photometric})")
    bits, sample_format = _numbers(directory)
    colours = _COLOURS.get(photometric, 1)
    samples = _samples(directory, colours)
    if photometric == CMYK and (directory.number(332, 1) != 1 or directory.number(334, 4) != 4):
        raise _unsupported("whose inks are not cyan, magenta, yellow and black")
    if photometric == PALETTE and (bits > 16 or sample_format != UNSIGNED):
        raise _unsupported(f"with a colour map and {bits} bits a sample")
    if photometric not in (RGB, WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE):
        _check_colours(photometric, bits, sample_format)
    orientation = directory.number(274, 1)
    page = TiffPage(
        directory=directory,
        width=directory.number(256),
        height=directory.number(257),
        samples=samples,
        bits=bits,
        sample_format=sample_format,
        photometric=photometric,
        compression=compression,
        planar=directory.number(284, 1) == 2 and samples > 1,
        predictor=directory.number(317, 1),
        colours=colours,
        alpha=_alpha(directory, colours, samples, photometric),
        orientation=orientation if 1 <= orientation <= 8 else 1,
        unit=_unit(directory, photometric, compression),
    )
    _check_compression(page)
    if page.unit != (1, 1) and (page.planar or samples != 3 or page.predictor != 1):
        raise _unsupported("in YCbCr with reduced chroma that is stored in an unusual way")
    return page


def _samples(directory: Directory, colours: int) -> int:
    samples = directory.number(277, 1)
    if samples > _MOST_SAMPLES:
        raise _unsupported(f"with {samples} samples a pixel")
    if samples < colours:
        raise _unsupported(f"with {samples} samples a pixel where its colours need {colours}")
    return samples


def chroma(directory: Directory) -> tuple[int, int]:
    """Give how many pixels share chroma, across and down (tag 530): two, unless it says."""
    across, down = (*directory.numbers(530, 2), 2, 2)[:2]
    return across, down


def _unit(directory: Directory, photometric: int, compression: int) -> tuple[int, int]:
    if photometric != YCBCR or compression in (JPEG, OLD_JPEG):
        return 1, 1
    across, down = chroma(directory)
    if across not in (1, 2, 4) or down not in (1, 2, 4):
        raise _unsupported(f"in YCbCr with chroma reduced {across} to {down}")
    return across, down


def _numbers(directory: Directory) -> tuple[int, int]:
    """Give bits and format of the samples, the same of all."""
    several = directory.numbers(258, _MOST_SAMPLES) or (1,)
    formats = directory.numbers(339, _MOST_SAMPLES) or (UNSIGNED,)
    if len(set(several)) > 1:
        listed = ", ".join(map(str, several[:8]))
        raise _unsupported(f"whose samples have different numbers of bits ({listed})")
    if len(set(formats)) > 1:
        raise _unsupported("whose samples are of different kinds")
    bits, sample_format = several[0], formats[0]
    if sample_format in (5, 6):
        raise _unsupported("whose samples are complex numbers")
    if sample_format == UNDEFINED:
        sample_format = UNSIGNED
    if bits not in _BITS.get(sample_format, ()):
        kind = {SIGNED: "signed ", FLOAT: "floating-point "}.get(sample_format, "")
        raise _unsupported(f"with {kind}samples of {bits} bits")
    return bits, sample_format


def _alpha(
    directory: Directory, colours: int, samples: int, photometric: int
) -> tuple[int, bool] | None:
    kinds = directory.numbers(338, _MOST_SAMPLES)
    if not kinds and samples == colours + 1 and photometric != PALETTE:
        kinds = (UNASSOCIATED,)  # as readers take what does not say
    for place, kind in enumerate(kinds[: samples - colours]):
        if kind in (ASSOCIATED, UNASSOCIATED):
            return colours + place, kind == ASSOCIATED
    return None


def _check_colours(photometric: int, bits: int, sample_format: int) -> None:
    name = {CMYK: "CMYK", YCBCR: "YCbCr"}.get(photometric, "L*a*b*")
    allowed = (8,) if photometric == YCBCR else (8, 16)
    # The a and b of L*a*b* are signed whatever the file says of them.
    fine = sample_format == UNSIGNED or (name == "L*a*b*" and sample_format == SIGNED)
    if bits not in allowed or not fine:
        kind = "" if fine else "signed or floating "
        raise _unsupported(f"in {name} with {kind}samples of {bits} bits")


def _check_compression(page: TiffPage) -> None:
    bits, compression = page.bits, page.compression
    if compression in FAX and (bits != 1 or page.samples != 1):
        raise _unsupported(f"compressed as a fax with {page.samples} samples of {bits} bits")
    if compression in (JPEG, OLD_JPEG, WEBP):
        how = "WebP" if compression == WEBP else "JPEG"
        if bits != 8 or page.sample_format != UNSIGNED:
            raise _unsupported(f"compressed as {how} with samples of {bits} bits")
        if page.photometric in (CIELAB, ICCLAB, PALETTE):
            raise _unsupported(f"compressed as {how} in colours that are not RGB")
    if compression == WEBP and (page.planar or page.samples not in (3, 4)):
        raise _unsupported(f"compressed as WebP with {page.samples} samples a pixel")
    if page.predictor == 1 or compression in (*FAX, JPEG, OLD_JPEG, WEBP, NONE, PACKBITS):
        return
    if page.predictor == 2 and bits in (8, 16, 32, 64):
        return
    if page.predictor == 3 and page.sample_format == FLOAT:
        return
    raise _unsupported(f"with predictor {page.predictor} over samples of {bits} bits")


def _is_page(directory: Directory) -> bool:
    reduced_or_mask = directory.number(254) & 5
    old = 0 if 254 in directory else directory.number(255)
    return not reduced_or_mask and old != 2 and directory.number(262) != MASK


def _check_raw(directory: Directory, inner: Iterable[Directory], name: str, *, first: bool) -> None:
    """Refuse the raw file of a camera, whose first directory is a thumbnail in most.

    Args:
        directory: one of the chain.
        inner: it, and those below it.
        name: of the file.
        first: whether it is the first.
    """
    data = directory.data
    brand = directory.raw(271, _LONGEST_BRAND).split(b"\0")[0].decode("ascii", "ignore").strip()
    ending = name.rpartition(".")[2].lower()
    raw = 50706 in directory or data[8:10] == b"CR" or ending in RAW_ENDINGS
    raw = raw or any(
        one.number(262) in _RAW or one.number(259) in _RAW_COMPRESSIONS for one in inner
    )
    # A thumbnail with its picture in a sub-directory, as no other file is made.
    raw = raw or (first and bool(directory.number(254) & 1) and 330 in directory)
    if raw:
        kind = "a DNG, the raw file" if 50706 in directory else "the raw file"
        made = f" ({brand})" if brand and brand.isprintable() else ""
        raise UnsupportedError(f"is {kind} of a camera{made}", DEVELOP)


def _unsupported(what: str) -> UnsupportedError:
    return UnsupportedError(f"is a TIFF {what}", PLAINER)
