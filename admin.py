"""The door to admin: hands over to labapp.programs.admin."""

import sys

from labapp.programs.admin import main

if __name__ == "__main__":
    sys.exit(main())
