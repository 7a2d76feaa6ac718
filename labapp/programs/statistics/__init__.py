"""What the labels say: of all pictures, of one, of each annotator."""

from __future__ import annotations

from labapp.programs.statistics.commands import COMMANDS as COMMANDS
