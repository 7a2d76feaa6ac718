"""`python -m tests.load.classroom`: a class on one machine, menus in real terminals; a table.

python -m tests.load.classroom                      # forty students, ten folders
python -m tests.load.classroom --students 3 --seconds 5 --folders 2 --pictures 4
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from tests.load.classroom import measures
from tests.load.classroom.measures import Row
from tests.load.classroom.room import Room


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load.classroom", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--students", type=int, default=40, help="menus open at once")
    parser.add_argument("--lists", type=int, default=40, help="of them, how many send a list")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each look at the CPU time")
    parser.add_argument("--folders", type=int, default=10, help="students who send pictures")
    parser.add_argument("--pictures", type=int, default=20, help="small pictures in each folder")
    return parser.parse_args()


def rows(arguments: argparse.Namespace) -> Iterator[Row]:
    """Run the class; yield the table's rows as they are measured."""
    with Room() as room:
        menus = measures.opened(room, arguments.students)
        yield from measures.idle(room, menus, arguments.seconds)
        if senders := menus[: arguments.lists]:
            yield from measures.lists(room, senders, arguments.seconds)
        else:
            room.start_worker()
        yield from measures.leaving(room, menus)
        if arguments.folders:
            yield from measures.folders(room, arguments.folders, arguments.pictures)


def main() -> int:
    """Print the table."""
    print("| a class on one machine | measured |\n| --- | --- |")
    for what, measured in rows(_arguments()):
        print(f"| {what} | {measured} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
