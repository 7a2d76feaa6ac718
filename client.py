"""The door to client: hands over to labapp.programs.client."""

import sys

from labapp.programs.client import main

if __name__ == "__main__":
    sys.exit(main())
