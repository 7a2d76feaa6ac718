"""Queues and dead letters: looked at, purged, redriven."""

from __future__ import annotations

from labapp.programs.queues.commands import COMMANDS as COMMANDS
