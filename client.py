#!/usr/bin/env python3
"""The door to client: hands over to labapp.programs.client."""

import sys

try:
    from labapp.programs.client import main
except ModuleNotFoundError as missing:
    sys.exit(f"client.py: {missing.name} is not installed. First: source .venv/bin/activate")

if __name__ == "__main__":
    sys.exit(main())
