#!/usr/bin/env python3
"""The door to admin: hands over to labapp.programs.admin."""

import sys

try:
    from labapp.programs.admin import main
except ModuleNotFoundError as missing:
    sys.exit(f"admin.py: {missing.name} is not installed. First: source .venv/bin/activate")

if __name__ == "__main__":
    sys.exit(main())
