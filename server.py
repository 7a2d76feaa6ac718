"""The door to server: hands over to labapp.programs.server."""

import sys

if __name__ == "__main__":
    # Only here: the child of each picture loads this file again, and has no use for programs.
    from labapp.programs.server import main

    sys.exit(main())
