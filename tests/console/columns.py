"""Columns as listings have them."""

from __future__ import annotations

from labapp.console.tables import Column


def number(title: str, *, drop: int = 0) -> Column:
    """Return a column of numbers: right-aligned, never folded."""
    return Column(title, "right", keep=True, drop=drop)


def line(title: str, *, least: int = 10) -> Column:
    """Return a column of texts that are cut to one line."""
    return Column(title, line=True, least=least)
