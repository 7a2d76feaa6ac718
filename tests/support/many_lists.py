"""A client that sends lists one after another and only then collects the answers.

`python tests/support/many_lists.py COUNT FIRST` sends `FIRST,1`, `FIRST+1,1` and so on, and prints
one JSON object: body to the worker's sum.
"""

from __future__ import annotations

import json
import sys

from labapp import settings as settings_room
from labapp.cloud.session import Cloud
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession


def main() -> None:
    count, first = int(sys.argv[1]), int(sys.argv[2])
    settings = settings_room.load().settings
    with ClientSession(Cloud(settings)) as session:
        bodies = [f"{first + number},1" for number in range(count)]
        jobs = {session.submit(NUMBERS, [body])[0]: body for body in bodies}
        sums: dict[str, int] = {}
        while len(sums) < count:
            for entry in session.collect(wait=2):
                sums[jobs[entry.job]] = json.loads(entry.result)["sum"]
    print(json.dumps(sums))


if __name__ == "__main__":
    main()
