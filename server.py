"""The door to server: hands over to labapp.programs.server."""

import sys

from labapp.programs.server import main

if __name__ == "__main__":
    sys.exit(main())
