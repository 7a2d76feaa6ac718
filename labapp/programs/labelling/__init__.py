"""Labelling: the question, one picture after the other."""

from __future__ import annotations

from labapp.programs.labelling.commands import COMMANDS as COMMANDS
