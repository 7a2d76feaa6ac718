"""ICC profiles made by hand: one curve for all channels (ICC.1:2001-04)."""

from __future__ import annotations

import struct


def profile(space: bytes, gamma: float) -> bytes:
    """Make a display profile of one gamma: for `GRAY`, or for `RGB ` with sRGB's primaries."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {b"wtpt": _xyz(0.9642, 1, 0.8249)}
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    else:
        tags[b"rXYZ"] = _xyz(0.4360, 0.2225, 0.0139)
        tags[b"gXYZ"] = _xyz(0.3851, 0.7169, 0.0971)
        tags[b"bXYZ"] = _xyz(0.1431, 0.0606, 0.7139)
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    at = 132 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", at + len(body), len(value))
        body += value
    head = bytearray(128)
    struct.pack_into(">I", head, 0, at + len(body))
    head[8:12] = bytes([2, 0x40, 0, 0])
    head[12:24] = b"mntr" + space + b"XYZ "
    head[36:40] = b"acsp"
    struct.pack_into(">iii", head, 68, 63_190, 65_536, 54_061)
    return bytes(head) + table + body


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65_536) for value in values))


def srgb_of_light(share: float) -> float:
    """Give the value from 0 to 1 that sRGB has for a share of light (IEC 61966-2-1)."""
    return 12.92 * share if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055
