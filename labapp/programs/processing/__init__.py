"""Pictures that are sent to be processed, and their results."""

from __future__ import annotations

from labapp.programs.processing.commands import COMMANDS as COMMANDS
