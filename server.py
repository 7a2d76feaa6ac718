#!/usr/bin/env python3
"""The door to server: hands over to labapp.programs.server."""

import sys

if __name__ == "__main__":
    # Only here: the child of each picture loads this file again, and has no use for programs.
    try:
        from labapp.programs.server import main
    except ModuleNotFoundError as missing:
        from labapp.background import missing_library

        sys.exit(missing_library(str(missing.name), "server.py"))

    sys.exit(main())
