#!/usr/bin/env python3
"""The door to client: hands over to labapp.programs.client."""

import gc
import sys

if __name__ == "__main__":
    gc.disable()  # what is imported stays; the program enables it before it does anything
    # Only here: the child of each picture loads this file again, and has no use for programs.
    try:
        from labapp.programs.client import main
    except ModuleNotFoundError as missing:
        from labapp.background import missing_library

        sys.exit(missing_library(str(missing.name), "client.py"))

    sys.exit(main())
