"""The lane `faults`: every fault of the table, met by the real programs through a proxy."""

from __future__ import annotations

import urllib.request
from pathlib import Path

from tests.clouds.account import KEYS, Account
from tests.clouds.certificates import untrusted
from tests.clouds.faults import FAULTS, Fault
from tests.clouds.injecting import FaultProxy
from tests.clouds.lane import Lane, Outcome
from tests.clouds.services import moto
from tests.clouds.tour import BUCKET, cloud_variables
from tests.support.steps import Here, Steps, expect

#: A picture to label.
KEY = "images/0123456789abcdef-a.jpg"


class FaultSteps(Steps):
    """A step for each fault, each in a cloud of its own.

    Args:
        folder: an empty folder.
        url: the address of moto's server.
    """

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(Here(), folder, cloud_variables(folder, KEYS))
        self._url = url

    def go(self) -> None:
        """Meet every fault."""
        for fault in FAULTS:
            self.step(fault.name, lambda fault=fault: self._meet(fault))
        self.step("nothing left running", self.nothing_left)

    def _meet(self, fault: Fault) -> None:
        urllib.request.urlopen(f"{self._url}/moto-api/reset", data=b"").close()
        if not fault.bare:
            self.command("admin.py", "cloud", "up", AWS_ENDPOINT_URL=self._url)
            account = Account({"AWS_ENDPOINT_URL": self._url})
            account.s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"a")
        tls = untrusted(self.folder) if fault.untrusted else None
        proxy = FaultProxy(int(self._url.rpartition(":")[2]), fault, tls)
        try:
            words = [word.format(key=KEY) for word in fault.command]
            ended = self.ended(*words, AWS_ENDPOINT_URL=proxy.url)
        finally:
            proxy.close()
        told = (ended.stdout + ended.stderr).decode("utf-8", "replace")
        lacking = [text for text in fault.says if text not in told]
        shown = " ".join(told.split())[-300:]
        expect(not lacking, f"does not say {lacking}: {shown}")
        expect(ended.returncode == fault.code, f"exit code {ended.returncode}: {shown}")


def _run(cache: Path, folder: Path) -> Outcome:
    with moto(folder / "service") as url:
        steps = FaultSteps(folder / "programs", url)
        try:
            steps.go()
        finally:
            steps.end()
    return Outcome(steps.held, steps.done, steps.failed)


LANE = Lane(
    "faults",
    f"moto behind a proxy that injects {len(FAULTS)} faults, one at a time",
    "how often and how long each of them is met",
    _run,
)
