"""One of labapp's programs where texts are a kind of job: program.py PROGRAM [WORDS].

`program.py send TEXT ...` sends texts, and prints their jobs.
"""

from __future__ import annotations

import sys

from labapp import settings
from labapp.jobs import kinds
from labapp.programs import find
from tests.support.texts.text_kind import TEXTS

kinds.register(TEXTS)


def _send(texts: list[str]) -> None:
    from labapp.cloud.session import Cloud
    from labapp.jobs.session import ClientSession

    with ClientSession(Cloud(settings.load().settings, start=False)) as session:
        print(*session.submit(TEXTS, texts), sep="\n")


if __name__ == "__main__":
    name = sys.argv.pop(1)
    if name == "send":
        _send(sys.argv[1:])
    else:
        sys.exit(find(name).main())
