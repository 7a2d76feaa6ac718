"""Labels taken out, in the formats of other tools."""

from __future__ import annotations

from labapp.programs.export.commands import COMMANDS as COMMANDS
