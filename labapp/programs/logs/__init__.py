"""The logs of jobs."""

from __future__ import annotations

from labapp.programs.logs.commands import COMMANDS as COMMANDS
