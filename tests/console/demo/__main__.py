"""A tiny program per part, started by the tests in a real terminal: `python demo NAME`.

Each prints what the part returned, so that a test can read it from the shell's screen.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module

from labapp.console import Back, terminal
from labapp.programs.shell import exits

#: The files of the parts.
PARTS = ("menus", "questions", "choices", "pages", "waits", "lines", "sides")


def part(name: str) -> object:
    modules = (import_module(f"tests.console.demo.{one}") for one in PARTS)
    return next(getattr(one, name) for one in modules if hasattr(one, name))()


def main() -> int:
    name = sys.argv[1]
    logging.raiseExceptions = True
    exits.hear_signals()
    try:
        print("result:", repr(part(name)))
    except Back:
        print("result: back")
    except KeyboardInterrupt:
        print("result: interrupted")
        return 130
    except ZeroDivisionError as error:
        print("result:", repr(error))
    finally:
        terminal.give_back()
    return 0


if __name__ == "__main__":
    sys.exit(main())
