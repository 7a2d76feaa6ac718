"""The steps: an instance boots, works, is healed and drained; and boots that fail tell."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from labapp.cloud.bucket import Bucket
from labapp.cloud.fleet import artifact
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.settings import Settings
from tests.boot import user_data
from tests.boot.machine import Machine
from tests.boot.services import AWS_PORT
from tests.support.fake_imds import INSTANCE, Imds

TOP = Path(__file__).parents[2]

#: A worker's settings here: it polls shortly, so that one that hangs is soon found unwell.
SETTINGS = "LABAPP_WAIT_SECONDS=2 LABAPP_GRACE_SECONDS=5"

#: Plain lists that wait when the instance is drained: more than its worker does meanwhile.
LISTS = 2000

#: Seconds for a hung worker to be restarted: found unwell three times a minute apart, asked twice,
#: killed, and started anew.
RESTARTED = 360.0

#: Seconds for a drain: the long poll, the grace period, the guard's next look.
DRAINED = 60.0


class Steps:
    """Steps taken one after the other, each told as it ends with the seconds that it took."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Take one step; what does not hold in it is told, and ends the lane."""
        begun = time.monotonic()
        try:
            yield
        except Exception as error:
            self.failed.append(title)
            print(f"FAILED {title}: {error}", flush=True)
            raise
        print(f"ok {time.monotonic() - begun:6.1f} s  {title}", flush=True)


def hold(condition: bool, told: object) -> None:
    """See to it that something holds."""
    if not condition:
        raise AssertionError(told)


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        hold(time.monotonic() < end, f"not {what} within {seconds:.0f} s")
        time.sleep(0.5)


class Lane:
    """The lane, in its own network and with its own mounts.

    Args:
        folder: an empty one in memory.
        wheels: the packages, as `wheels.build` zips them.
        imds: the metadata service of all instances.
        calls: the calls of Auto Scaling.
    """

    def __init__(self, folder: Path, wheels: Path, imds: Imds, calls: list[dict[str, str]]) -> None:
        self.folder, self.wheels, self.imds, self.calls = folder, wheels, imds, calls
        self.steps = Steps()
        self.artifact = artifact.build()
        os.environ |= {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{AWS_PORT}",
            "AWS_ACCESS_KEY_ID": "lane",
            "AWS_SECRET_ACCESS_KEY": "lane",
            "AWS_REGION": user_data.REGION,
            "LABAPP_CLOUD": "aws",
            "LABAPP_BUCKET": user_data.BUCKET,
            "LABAPP_DATA_DIR": str(folder / "data"),
            "LABAPP_CONFIG_DIR": str(folder / "config"),
        }
        self.cloud = Cloud(Settings(cloud="aws", region=user_data.REGION, bucket=user_data.BUCKET))

    def take(self) -> None:
        """Take all steps."""
        step = self.steps.step
        with step("bucket, queues, code and packages are there"):
            self._lay()
        machine = Machine(self.folder / "first")
        with step("an instance boots, and tells CloudFormation so"):
            self._boots(machine)
        with step("its worker is well, and answers a list"):
            self._works(machine)
        worker = machine.told("labapp", "MainPID")
        machine.run("systemctl", "kill", "--signal", "STOP", "labapp")  # it hangs
        with step("a boot with code of another hash tells, and leaves its log"):
            self._fails("other", "sha256sum", sha256="0" * 64)
        with step("a boot with a wrong setting tells, and leaves its log"):
            self._fails("wrong", "max_integers", settings="LABAPP_MAX_INTEGERS=many")
        with step("a worker that hangs is found unwell, killed and started anew"):
            until(
                lambda: machine.told("labapp", "MainPID") not in ("0", worker),
                RESTARTED,
                "restarted",
            )
            until(lambda: machine.health().returncode == 0, DRAINED, "well again")
            self._answered()
        with step("a drain ends the worker, no job is lost, and the group is told"):
            self._drained(machine)
        machine.end()

    def _lay(self) -> None:
        made = self._program("admin.py", "cloud", "up")
        hold(made.returncode == 0, made.stderr)
        bucket = Bucket(self.cloud)
        artifact.upload(bucket, self.artifact)
        bucket.upload(self.wheels, self._wheels_key, "application/zip")

    @property
    def _wheels_key(self) -> str:
        return f"deploy/{self.wheels.name}"

    def _script(self, sha256: str = "", settings: str = SETTINGS) -> str:
        values = user_data.parameters(self.artifact, self._wheels_key, settings)
        return user_data.rendered(values | ({"CodeSha256": sha256} if sha256 else {}))

    def _boots(self, machine: Machine) -> None:
        ended = machine.boot(self._script())
        hold(
            ended.returncode == 0,
            f"{ended.returncode}\n{ended.stdout[-3000:]}{ended.stderr[-999:]}",
        )
        hold(any(one.startswith("cfn-signal -e 0 ") for one in machine.calls), machine.calls)

    def _works(self, machine: Machine) -> None:
        said = machine.health()
        hold(said.returncode == 0, said.stdout + said.stderr)
        self._answered()
        for unit in ("labapp", "labapp-guard"):
            hold(machine.is_active(unit), f"{unit}: {machine.log(unit)[-999:]}")

    def _answered(self) -> None:
        told = self._program("client.py", "numbers", "1,12,55,4", "--timeout", "30")
        hold(told.returncode == 0 and "72" in told.stdout, told.stdout + told.stderr)

    def _fails(self, name: str, why: str, sha256: str = "", settings: str = SETTINGS) -> None:
        bucket, key = Bucket(self.cloud), f"deploy/boot/{INSTANCE}.log"
        machine = Machine(self.folder / name, hurried=True)
        ended = machine.boot(self._script(sha256, settings))
        machine.end()
        hold(ended.returncode != 0, "it boots")
        hold(any(one.startswith("cfn-signal -e 1 ") for one in machine.calls), machine.calls)
        log = bucket.get(key, 1_000_000).body.decode()
        hold(why in log, log[-2000:])
        print(f"    its log has {len(log):,} bytes", flush=True)
        bucket.delete(key)

    def _drained(self, machine: Machine) -> None:
        requests, answers = (Queue(self.cloud, name) for name in ("requestQueue", "responseQueue"))
        entries = [{"Id": str(one), "MessageBody": "1,12,55,4"} for one in range(10)]
        before = answers.counts().visible
        # Or it were done with them before all are sent.
        machine.run("systemctl", "kill", "--signal", "STOP", "labapp")
        for _ in range(LISTS // 10):
            self.cloud.sqs.send_message_batch(QueueUrl=requests.url, Entries=entries)  # type: ignore[arg-type]
        machine.run("systemctl", "kill", "--signal", "CONT", "labapp")
        self.imds.state = "Terminated"
        begun = time.monotonic()
        until(lambda: not machine.is_active("labapp"), DRAINED, "out")
        out = time.monotonic() - begun
        until(lambda: not machine.is_active("labapp-guard"), DRAINED, "over")
        hold(machine.told("labapp", "ActiveState") == "inactive", machine.log("labapp"))
        told = [call["Action"] for call in self.calls]
        hold(told[-1] == "CompleteLifecycleAction", told)
        late = requests.counts().in_flight  # of a poll that was still open: they come by themselves
        until(lambda: requests.counts().in_flight == 0, DRAINED, "handed back")
        left, answered = requests.counts().visible, answers.counts().visible - before
        hold(left + answered == LISTS, f"{left} left, {answered} answered")
        print(
            f"    out after {out:.1f} s: {answered} answered, {left} left, {late} late", flush=True
        )

    def _program(self, *words: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, str(TOP / words[0]), *words[1:]]
        return subprocess.run(argv, capture_output=True, encoding="utf-8", check=False)
