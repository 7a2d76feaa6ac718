"""The cloud: what it is, made, started, stopped, reset."""

from __future__ import annotations

from labapp.programs.cloud.commands import COMMANDS as COMMANDS
