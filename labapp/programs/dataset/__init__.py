"""The pictures to be labelled: uploaded, listed, removed; answers imported."""

from __future__ import annotations

from labapp.programs.dataset.admin_commands import ADMIN_COMMANDS as ADMIN_COMMANDS
from labapp.programs.dataset.commands import COMMANDS as COMMANDS
from labapp.programs.dataset.import_commands import IMPORT as IMPORT
