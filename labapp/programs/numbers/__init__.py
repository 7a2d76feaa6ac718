"""Lists of integers: sent, and their answers shown."""

from __future__ import annotations

from labapp.programs.numbers.commands import COMMANDS as COMMANDS
from labapp.programs.numbers.commands import READY_MADE as READY_MADE
