"""Jobs of this machine, their answers, and whether a worker is there: for commands and screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from labapp.errors import CloudError, JobFailedError, LabappError, RefusedError, TimedOutError
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from labapp.cloud.session import Cloud
    from labapp.jobs.entry import Entry
    from labapp.jobs.session import ClientSession
    from labapp.worker.local_workers import LocalWorker

#: Seconds of one look into the reply queue while waiting, so that Ctrl-C and Esc are heard soon.
LOOK = 2

#: What is said where jobs wait for a worker and this machine, whose cloud it is, has none.
NO_WORKER = "no worker is running: 'python server.py' starts one, and the jobs go on"

#: What is said where jobs wait and their workers are elsewhere.
ANY_WORKER = "is a worker running? 'admin.py workers' shows them"

#: What is added on AWS, where a fleet may be without an instance; and what is said there where no
#: worker has reported for a while.
MAY_SLEEP = "; a fleet on AWS may be asleep or parked: 'admin.py deploy' tells"
NONE_REPORTS = (
    "no worker has reported of late: a fleet on AWS may be asleep, and takes up to 17 minutes to"
    " start by itself, or be parked; 'admin.py deploy wake' starts it, and the jobs go on"
)

#: Looks without any answer and any worker after which that is told; one may just be restarting.
UNATTENDED = 3


class LeftError(LabappError):
    """The user pressed Esc, or Ctrl-C, before this was done."""

    exit_code: ClassVar[int] = 130


def wait_for(context: Context, session: ClientSession, job: str) -> Entry:
    """Wait for the answer to one job, on a terminal behind a spinner that Esc leaves.

    Raises:
        TimedOutError: the time is up, or the wait was left; the job goes on.
    """
    from labapp.console import waiting
    from labapp.programs.jobs.outages import Wait

    wait = Wait(context.settings.timeout)
    goes_on = f"It goes on: 'client.py jobs' tells of it, 'client.py wait {job}' waits for it."

    def look() -> Entry | None:
        if (entry := answered_entry(session, job)) is not None:
            return entry
        if wait.is_over:
            raise wait.timed_out(f"no answer to job {job}", f"{goes_on} {doubt(session.cloud)}")
        wait.collect(session, LOOK)
        return None

    try:
        entry = waiting.wait_for("waiting for the answer", look)
    finally:
        tell_of_doubts(context, session)
    if entry is None:
        raise TimedOutError(f"job {job} was left", goes_on)
    return entry


#: What is said where a client's reply queue was deleted while it waited.
LOSS_NOTE = (
    "the queue for answers was deleted meanwhile, and is made anew: an answer of that time is lost"
    " here. Where none comes, send again; 'admin.py logs' has every answer"
)


def tell_of_doubts(context: Context, session: ClientSession) -> None:
    """Say of answers that prove nothing that they came, each once; and of any that may be lost."""
    if doubted := session.new_doubts():
        context.say(doubts_note(doubted))
    if session.new_loss():
        context.say(LOSS_NOTE)


def doubts_note(jobs: Sequence[str]) -> str:
    """Return what is said of answers to jobs that prove nothing."""
    what = f"an answer to the job {jobs[0]}" if len(jobs) == 1 else f"answers to {len(jobs)} jobs"
    proof = "does not prove that it is" if len(jobs) == 1 else "do not prove that they are"
    return (
        f"{what} came that {proof} from the worker that did it, put aside unread: by an older"
        " labapp's worker, or by somebody else. The good answer may still come; where it does not,"
        " update the worker and send again"
    )


def answered_entry(session: ClientSession, job: str) -> Entry | None:
    """Return a job of the ledger once it is answered."""
    entry = session.ledger.get(job)
    return entry if entry and entry.answered_at is not None else None


def failure(entry: Entry, text: str = "") -> LabappError:
    """Return the error that a job ended with.

    Args:
        entry: the job, answered and not done.
        text: what the error says; the status and the answer, unless given.
    """
    kind = RefusedError if entry.status == "refused" else JobFailedError
    return kind(text or f"{entry.status}: {entry.reply}")


def save_result(
    session: ClientSession, entry: Entry, folder: Path | None = None, *, to_stay: bool = True
) -> Path:
    """Fetch the result of a picture job and save it; arguments and errors as of `saving.save`.

    The ledger is told where, unless the file is for a look alone and not `to_stay`.
    """
    from labapp.cloud.bucket import Bucket
    from labapp.jobs import saving

    path = saving.save(Bucket(session.cloud), entry, folder, session.ledger)
    if to_stay:
        session.ledger.note_saved(entry.job, str(path.absolute()))
    return path


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


def doubt(cloud: Cloud) -> str:
    """Return, as a sentence, why no answer may have come.

    Who may not look at workers' reports is told what may be.
    """
    told = ANY_WORKER
    if not cloud.is_local:
        told = NONE_REPORTS if _none_reports(cloud) else f"{ANY_WORKER}{MAY_SLEEP}"
    return f"{told[0].upper()}{told[1:]}."


def _none_reports(cloud: Cloud) -> bool:
    """Return whether the bucket has no report of a worker that is at work, as far as it is seen."""
    from labapp.worker import reports

    try:
        return reports.count_or_none(cloud) == 0
    except CloudError:  # why nothing can be asked is told by the wait itself
        return False


def attended_cloud(context: Context, enough: str = "") -> Cloud:
    """Open the cloud for jobs; a worker that the local one lacks is started at once.

    It loads all that it needs while the bucket and the queues are made; `ensure_worker` waits for
    it. `enough` and errors are those of `lab.require`.
    """
    from labapp.worker import local_workers

    cloud = context.cloud(require=False)
    if nobody_works(cloud):
        context.beginning = local_workers.begin_background(cloud.home, cloud.settings)
    context.require(cloud, enough=enough)
    return cloud


def ensure_worker(context: Context, cloud: Cloud) -> None:
    """See to it that somebody answers on the local cloud, and say if a worker was started."""
    beginning, context.beginning = context.beginning, None
    if started := beginning.wait() if beginning else start_worker(cloud):
        context.say(
            f"no worker was running, so one was started in the background (pid {started.pid});"
            " 'admin.py workers' shows it, 'admin.py cloud stop' ends it"
        )


class Attendance:
    """Tells that there is no worker to do the jobs that are waited for; each time once.

    Args:
        say: tells it.
        cloud: whose workers they are.
        reported: how many workers elsewhere have reported of late, where that is known anyway.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        cloud: Cloud,
        reported: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._say = say
        self._cloud = cloud
        self._reported = reported
        self._looks = 0
        self._told = False

    def look(self) -> None:
        """Look for a worker; called now and then while there is no answer."""
        alone = nobody_works(self._cloud)
        if not (alone or self._reported() == 0):
            self._looks, self._told = 0, False
            return
        self._looks += 1
        if self._looks >= UNATTENDED:
            self._tell(NO_WORKER if alone else NONE_REPORTS)

    def time_is_up(self) -> None:
        """Tell what may be the reason that no answer came."""
        if not self._cloud.is_local:
            said = doubt(self._cloud).removesuffix(".")
            self._tell(f"{said[0].lower()}{said[1:]}")
        elif nobody_works(self._cloud):
            self._tell(NO_WORKER)

    def _tell(self, text: str) -> None:
        if not self._told:
            self._say(text)
        self._told = True
