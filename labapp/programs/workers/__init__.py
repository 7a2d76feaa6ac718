"""The workers: who is at work, and the console of each."""

from __future__ import annotations

from labapp.programs.workers.commands import COMMANDS as COMMANDS
