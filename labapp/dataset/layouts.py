"""The layout of a bucket, by the settings in force: made once, and asked for wherever it counts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from labapp.labels.layout import OWN, Layout

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket
    from labapp.settings import Settings


def layout_of(settings: Settings) -> Layout:
    """Return where settings say that pictures and answers lie.

    Raises:
        SettingError: they could never lie so.
    """
    if settings.have_own_layout:
        return OWN
    return _made(
        settings.images_prefix,
        settings.labels_key,
        settings.layout_writes,
        settings.plain_source_prefix,
        settings.plain_result_prefix.partition("{")[0],
    )


def of(bucket: Bucket) -> Layout:
    """Return the layout of a bucket; errors as of `layout_of`."""
    return layout_of(bucket.cloud.settings)


def writable(bucket: Bucket) -> Layout:
    """Return the layout of a bucket in which something is about to be written.

    Raises:
        RefusedError: it is read only.
        SettingError: there could never be such a layout.
    """
    layout = of(bucket)
    layout.check_writable()
    return layout


@lru_cache(maxsize=16)
def _made(images: str, labels: str, writes: bool, *others: str) -> Layout:
    from labapp.labels.layout_rules import layout_of  # few labs need one
    from labapp.pictures.files import ENDINGS

    return layout_of(images, labels, writes=writes, endings=ENDINGS, others=others)
