"""What the dataset asks, as far as menus say it: looked up behind them, and remembered.

A menu opens before the bucket is known. Until it is, lines say what was asked there the last time,
and where this machine has never seen it, what is usual.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from labapp.errors import LabappError, RefusedError
from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.programs.menus import remembered

if TYPE_CHECKING:
    from labapp.programs.menus.session import MenuSession
    from labapp.settings import Settings


def is_usual(scheme: Scheme) -> bool:
    """Tell whether a scheme has the usual question and classes, whatever else it says."""
    usual = DEFAULT_SCHEME
    return (scheme.question, scheme.classes) == (usual.question, usual.classes)


def recalled(settings: Settings) -> Scheme:
    """Return what was asked there when it was looked up last; what is usual, if never."""
    if text := remembered.recall(_name(settings)):
        from labapp.labels import scheme_file

        with contextlib.suppress(RefusedError):
            return scheme_file.of_text(text)
    return DEFAULT_SCHEME


def look(menu: MenuSession) -> None:
    """Look up what is asked, for the lines of the menu; what goes wrong, pages tell."""
    from labapp.cloud.bucket import Bucket
    from labapp.dataset import counting

    with contextlib.suppress(LabappError):
        learn(menu, counting.scheme_of(Bucket(menu.running_cloud())))


def learn(menu: MenuSession, scheme: Scheme) -> None:
    """Have the lines of the menu say what is asked, now and the next time."""
    if menu.scheme != scheme:
        menu.scheme = scheme
        menu.frame.changed()
    keep(menu.context.settings, scheme)


def keep(settings: Settings, scheme: Scheme) -> None:
    """Remember what is asked there."""
    from labapp.labels import scheme_file

    short = DEFAULT_SCHEME if is_usual(scheme) else replace(scheme, guidelines="")
    if recalled(settings) != short:
        text = "" if is_usual(scheme) else scheme_file.to_text(short)
        remembered.remember(_name(settings), text)


def _name(settings: Settings) -> str:
    return f"asked in {settings.bucket} {settings.cloud} {settings.endpoint_url}".rstrip()
