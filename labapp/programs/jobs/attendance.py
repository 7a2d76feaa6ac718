"""Whether there is a worker for the jobs that wait, and starting one on the local cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.programs.shell.context import Context
    from labapp.worker.local_workers import LocalWorker

#: What is said where jobs wait for a worker and this machine, whose cloud it is, has none.
NO_WORKER = "no worker is running: 'python server.py' starts one, and the jobs go on"

#: What is said where jobs wait and their workers are elsewhere.
ANY_WORKER = "is a worker running? 'admin.py workers' shows them"

#: Looks without any answer and any worker after which that is told; one may just be restarting.
UNATTENDED = 3


def start_worker(cloud: Cloud) -> LocalWorker | None:
    """On the local cloud, start a worker in the background unless one is alive; return it."""
    from labapp.worker import local_workers

    if not cloud.is_local or local_workers.alive(cloud.home):
        return None
    return local_workers.start_background(cloud.home, cloud.settings)


def nobody_works(cloud: Cloud) -> bool:
    """Return whether this is the local cloud and no worker of it is alive."""
    from labapp.worker import local_workers

    return cloud.is_local and not local_workers.alive(cloud.home)


def ensure_worker(context: Context, cloud: Cloud) -> None:
    """See to it that somebody answers on the local cloud, and say if a worker was started."""
    if started := start_worker(cloud):
        context.say(
            f"no worker was running, so one was started in the background (pid {started.pid});"
            " 'admin.py workers' shows it, 'admin.py cloud stop' ends it"
        )


class Attendance:
    """Tells, once, that there is no worker to do the jobs that are waited for."""

    def __init__(self, context: Context, cloud: Cloud) -> None:
        self._context = context
        self._cloud = cloud
        self._looks = 0
        self._told = False

    def look(self) -> None:
        """Look for a worker on this machine; called now and then while there is no answer."""
        self._looks = self._looks + 1 if nobody_works(self._cloud) else 0
        if self._looks >= UNATTENDED:
            self._tell(NO_WORKER)

    def time_is_up(self) -> None:
        """Tell what may be the reason that no answer came."""
        if not self._cloud.is_local:
            self._tell(ANY_WORKER)
        elif nobody_works(self._cloud):
            self._tell(NO_WORKER)

    def _tell(self, text: str) -> None:
        if not self._told:
            self._context.say(text)
        self._told = True
