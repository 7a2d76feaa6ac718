"""The three programs: their sub-commands, and their screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labapp.programs.shell.program import Program


def find(name: str) -> Program:
    """Return the program called `client.py`, `admin.py` or `server.py`."""
    from labapp.programs import admin, client, server

    return {program.name: program for program in (client.PROGRAM, admin.PROGRAM, server.PROGRAM)}[
        name
    ]
