"""The steps: an instance boots, works, is healed and drained; and boots that fail tell."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from labapp.cloud.bucket import Bucket
from labapp.cloud.fleet import artifact
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.settings import Settings
from tests.boot import confined, user_data
from tests.boot.machine import Machine
from tests.boot.services import AWS_PORT
from tests.boot.steps import Steps, hold, until
from tests.support.fake_imds import INSTANCE, Imds

TOP = Path(__file__).parents[2]

#: A worker's settings here: it polls shortly, so that one that hangs is soon found unwell.
SETTINGS = "LABAPP_WAIT_SECONDS=2 LABAPP_GRACE_SECONDS=5"

#: Plain lists that wait when the instance is drained: more than its worker does meanwhile.
LISTS = 400

#: One operation of each library that a worker decodes, processes and encodes pictures by.
OPERATIONS = ("blur", "grayscale", "resize:side=100", "clahe")

#: Seconds for a hung worker to be restarted: found unwell three times a minute apart, asked twice,
#: killed, and started anew.
RESTARTED = 360.0

#: Seconds for a drain: the long poll, the grace period, the guard's next look.
DRAINED = 60.0


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
        with step("pictures are done, by processes that are confined"):
            self._processes(machine)
        with step("it writes to its own folder and to no other"):
            confined.writes_to_its_own_folder_only(machine)
        with step("SIGHUP of its own user has it started anew"):
            confined.is_started_anew_by_its_own_user(machine)
        worker = confined.pid_of(machine)
        machine.signal("STOP")  # it hangs
        with step("a boot with code of another hash tells, and leaves its log"):
            self._fails("other", "sha256sum", sha256="0" * 64)
        with step("a boot with a wrong setting tells, and leaves its log"):
            self._fails("wrong", "max_integers", settings="LABAPP_MAX_INTEGERS=many")
        with step("a worker that hangs is found unwell, killed and started anew"):
            confined.await_another(machine, worker, RESTARTED)
            self._answered()
        with step("so it is by the health check, where there is no guard"):
            confined.is_healed_by_the_health_check(machine)
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

        told = machine.as_labapp("doctor").stdout
        hold("as worker.lock pins them" in told, told[:2000])

    def _answered(self) -> None:
        told = self._program("client.py", "numbers", "1,12,55,4", "--timeout", "30")
        hold(told.returncode == 0 and "72" in told.stdout, told.stdout + told.stderr)

    def _processes(self, machine: Machine) -> None:
        for operation in OPERATIONS:
            words = ("image", "images/1.jpg", "--op", operation, "--out", str(self.folder / "out"))
            told = self._program("client.py", *words, "--timeout", "60")
            hold(told.returncode == 0, told.stdout + told.stderr + machine.log("labapp"))
        hold("out of reach" not in machine.log("labapp"), machine.log("labapp"))

    def _fails(self, name: str, why: str, sha256: str = "", settings: str = SETTINGS) -> None:
        bucket, key = Bucket(self.cloud), f"deploy/boot/{INSTANCE}.log"
        machine = Machine(self.folder / name, hurried=True)
        ended = machine.boot(self._script(sha256, settings))
        calls = machine.calls
        machine.end()
        hold(ended.returncode != 0, "it boots")
        hold(any(one.startswith("cfn-signal -e 1 ") for one in calls), calls)
        hold(any("Unhealthy --no-should-respect-grace-period" in one for one in calls), calls)
        log = bucket.get(key, 1_000_000).body.decode()
        hold(why in log, log[-2000:])
        hold("metadata-token: " not in log, "its log has a token")
        print(f"    its log has {len(log):,} bytes", flush=True)
        bucket.delete(key)

    def _drained(self, machine: Machine) -> None:
        requests, answers = (Queue(self.cloud, name) for name in ("requestQueue", "responseQueue"))
        entries = [{"Id": str(one), "MessageBody": "1,12,55,4"} for one in range(10)]
        before = answers.counts().visible
        # Or it were done with them before all are sent.
        machine.signal("STOP")
        for _ in range(LISTS // 10):
            self.cloud.sqs.send_message_batch(QueueUrl=requests.url, Entries=entries)  # type: ignore[arg-type]
        machine.signal("CONT")
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
        return subprocess.run(argv, capture_output=True, encoding="utf-8", check=False, cwd=TOP)
