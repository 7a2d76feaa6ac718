"""What was sent from this machine, and what became of it."""

from __future__ import annotations

from labapp.programs.jobs.commands import COMMANDS as COMMANDS
