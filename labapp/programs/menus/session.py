"""What stands behind a menu: the cloud, opened in a thread while the first screen is already there.

Header and notices answer from memory; everything that may wait for the network happens in the
session's own thread, or behind a spinner that can be left.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, TypeVar

from labapp import utc
from labapp.cloud import endpoints
from labapp.console import Back, theme, waiting
from labapp.console.header import Header
from labapp.console.stage import Frame, Kind, Notice
from labapp.errors import CredentialsError, ForbiddenError, LabappError, to_tell
from labapp.programs.menus import asked
from labapp.programs.menus.cloud_name import cloud_name
from labapp.programs.menus.notices import Notices
from labapp.programs.shell import exits
from labapp.programs.shell.command import named
from labapp.settings import user_name

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket
    from labapp.cloud.endpoints import Endpoints
    from labapp.cloud.patience import Patience
    from labapp.cloud.session import Cloud
    from labapp.programs.menus.progress_page import Work
    from labapp.programs.shell.context import Context

#: Seconds after which the cloud is opened even though no page was painted.
PAINTED_SECONDS = 2.0

#: Seconds that leaving the program waits for work that goes on behind to stop.
STOP_SECONDS = 10.0

#: Seconds that leaving a wait with Esc takes at most: what is left goes on behind.
LEAVE_WITHIN = 0.5

#: Seconds between looks while something is wrong with the cloud.
AFTER_TROUBLE = 5.0

#: Seconds between looks at which workers are alive: by locks on this machine, by reports on AWS.
LOCAL_LOOK, AWS_LOOK = 2.0, 30.0

#: What notices of trouble behind the menu are about: they go once the cloud was looked at well.
BEHIND = "the cloud behind the menu"

T = TypeVar("T")


class MenuSession:
    """The cloud behind one program's menu.

    Args:
        context: the program's run.
        label: what the header calls the program.
        behind: screens to be imported behind the first one, so that they open at once too.
    """

    #: Whether the cloud may lack the queues: some pages need the bucket only, as their users may.
    bucket_only: ClassVar[bool] = False

    def __init__(self, context: Context, label: str, behind: Sequence[str] = ()) -> None:
        self._behind = behind
        self.context = context
        self._notices = Notices(context.left_out)
        told = self._notices
        self.frame = Frame(self.header, self.notices, told.seconds_left, told.dismiss, told.earlier)
        #: What goes on behind the menu; `busy` tells of what has not ended.
        self.works: list[Work] = []
        #: What was under way when the menu was left.
        self.stopped: list[Work] = []
        self._label = label
        #: What the dataset asks, as far as it is known.
        self.scheme = asked.recalled(context.settings)
        #: Set once the menu is left.
        self.closed = threading.Event()
        self._opening = threading.Lock()
        self._cloud: Cloud | None = None
        #: Whether the cloud was opened before: only then may nobody but the user start it again.
        self._opened_once = False
        #: The cloud that was stopped: sessions hold it, so it is refreshed and not made anew.
        self._stopped: Cloud | None = None
        self._workers: int | None = None
        self._clock_notice = ""
        #: What the open page was last drawn from.
        self._shown: tuple[object, ...] = ()
        self._thread = threading.Thread(target=self._run_behind, name="session", daemon=True)

    def start(self) -> None:
        """Begin to open the cloud."""
        exits.announce_unforeseen(lambda told: self.announce(told, "failed"))
        self._thread.start()

    def close(self) -> None:
        """End the thread, what goes on behind, and what is kept open."""
        self.closed.set()
        self.stopped = self.busy
        for work in self.stopped:
            work.stop.set()
        for work in self.stopped:
            work.ended.wait(STOP_SECONDS)
        self._thread.join(timeout=5.0)
        exits.announce_unforeseen(None)

    def begin(self, work: Work) -> None:
        """Take note of what goes on behind from now on; what has ended is kept no longer."""
        self.works = [*self.busy, work]

    @property
    def busy(self) -> list[Work]:
        """What still goes on behind the menu."""
        return [work for work in self.works if not work.ended.is_set()]

    def cloud(self) -> Cloud:
        """Return the cloud, waiting behind a spinner until it is open.

        Raises:
            LabappError: it cannot be opened.
            Back: the wait was left with Esc.
        """
        return self.wait(f"opening the {self.context.settings.cloud} cloud", self.open_cloud)

    def bucket(self) -> Bucket:
        """Return the cloud's bucket; errors as of `cloud`."""
        cloud = self.cloud()  # first: else what is imported here keeps the spinner waiting
        from labapp.cloud.bucket import Bucket

        return Bucket(cloud)

    @property
    def runs(self) -> bool | None:
        """Whether the cloud is open and runs, as last seen; None before it was ever opened."""
        return self._cloud is not None if self._opened_once else None

    def open_cloud(self, *, start: bool = True) -> Cloud:
        """Return the cloud, opening it first if need be; blocks.

        Args:
            start: whether a local cloud that does not run is started.

        Raises:
            LabappError: it cannot be opened.
        """
        with self._opening:
            if self._cloud is not None and _is_gone(self._cloud, ask=True):
                self._stopped, self._cloud = self._cloud, None
            if self._cloud is None:
                runs = not (start and self._opened_once) or self._runs_already()
                cloud = self.context.cloud(start=start, bucket_only=self.bucket_only)
                if not runs:
                    self.announce("started the local cloud, which was stopped", "info", "cloud")
                if self._stopped is not None:
                    cloud = self._stopped
                    cloud.refresh()  # it may listen at another port now
                self._cloud, self._opened_once = cloud, True
                cloud.abilities.listen(lambda text: self.announce(text, "warning"))
            return self._cloud

    def running_cloud(self) -> Cloud:
        """Return the cloud for a look from behind, which starts none that somebody stopped.

        The cloud is asked nothing as long as its process lives: forty menus look all the time.

        Raises:
            LabappError: it cannot be opened.
        """
        cloud = self._cloud
        if cloud is not None and not _is_gone(cloud, ask=False):
            return cloud
        return self.open_cloud(start=not self._opened_once)

    def _runs_already(self) -> bool:
        """Return whether opening the cloud starts none, since none is local or one runs."""
        if not self._is_local:
            return True
        from labapp.cloud import session
        from labapp.cloud.embedded import launcher

        return launcher.find(session.local_home()) is not None

    def forget(self) -> None:
        """Open the cloud anew when the user next needs it: it was stopped."""
        with self._opening:
            self._stopped, self._cloud = self._cloud or self._stopped, None
            self._workers = 0

    def wait(self, message: str, action: Callable[[], T], title: str = "") -> T:
        """Do something that may be slow, behind a spinner.

        What is left goes on behind, and its end is announced.

        Raises:
            LabappError: what the action raised.
            Back: the wait was left with Esc.
        """
        return self._wait(message, lambda: message, action, title, threading.Event())

    def wait_patiently(self, message: str, action: Callable[[Patience], T], title: str = "") -> T:
        """Do something behind a spinner that counts down what is waited for; else as `wait`.

        What is left while it waits is given up.
        """
        from labapp.cloud.patience import Patience
        from labapp.programs.shell import countdown

        stop, said = threading.Event(), [message]

        def tell(what: str, seconds: float) -> None:
            said[0] = countdown.text(what, seconds) if what else message

        def sleep(seconds: float) -> None:
            if stop.wait(seconds):
                self.announce(f"{message} was left, as it had to wait", "info", message)
                raise Back

        patience = Patience(tell, sleep)
        return self._wait(message, lambda: said[0], lambda: action(patience), title, stop)

    def _wait(
        self,
        message: str,
        said: Callable[[], str],
        action: Callable[[], T],
        title: str,
        stop: threading.Event,
    ) -> T:
        left = threading.Event()

        def act() -> tuple[T]:
            done = action()
            if left.is_set():
                self.announce(f"{message} is done", "done", message)
            return (done,)

        def late(error: LabappError) -> None:
            left.set()
            self.announce(f"{message}: {error}", "failed", message)

        done = waiting.wait_for(
            said, act, leave="leave", title=title, frame=self.frame, stop=stop, late=late,
            within=LEAVE_WITHIN,
        )  # fmt: skip
        if done is None:
            if not left.is_set():
                left.set()
                self.announce(f"{message} goes on behind", "info", message)
            raise Back
        return done[0]

    def announce(self, text: str, kind: Kind = "info", about: str = "") -> None:
        """Show a notice on whatever page is open; it replaces the last one about the same."""
        self._notices.add(Notice(text, kind), about)
        self.frame.changed()

    def announce_lasting(self, text: str, about: str) -> None:
        """Show a warning for as long as it is true; an empty one says that it is over."""
        if text:
            self._notices.add(Notice(text, "warning"), about, lasts=True)
        else:
            self._notices.drop(about)
        self.frame.changed()

    def notices(self) -> list[Notice]:
        """Return what every page shows on top of what happens behind it."""
        return self._notices.current()

    def what_shows(self) -> tuple[object, ...]:
        """Return what pages show of what happens behind them, apart from notices."""
        return self.header(), self.runs

    def show_changes(self) -> None:
        """Have the open page drawn anew if it shows something that has changed."""
        if self._shown != (shown := self.what_shows()):
            self._shown = shown
            self.frame.changed()

    def header(self) -> Header:
        """Return what every page of this program shows on top."""
        settings, cloud = self.context.settings, self._cloud
        region = cloud.place.region if cloud else settings.region
        unknown = theme.current().glyphs.ellipsis
        return Header(
            self._label,
            cloud_name(settings, self.endpoints),
            region or unknown,
            (settings.bucket or (cloud.bucket_name if cloud else "")) or unknown,
            user_name(settings),
            self._workers,
            ", ".join(dict.fromkeys(work.mark for work in self.busy if work.mark)),
        )

    @property
    def endpoints(self) -> Endpoints:
        """Where the services are; until the cloud is open, as far as it is known before."""
        cloud = self._cloud
        return cloud.place.endpoints if cloud else endpoints.known(self.context.settings)

    @property
    def _is_local(self) -> bool:
        return self.context.settings.cloud == "local"

    @property
    def workers(self) -> int | None:
        """How many workers are alive; None where that is not known, or not yet."""
        return self._workers

    def background_tick(self) -> None:
        """Do what the program needs done between prompts; called again and again; may block."""
        self.closed.wait(LOCAL_LOOK)

    def _tell_of_clock(self) -> None:
        """Announce once that this machine's clock is wrong, or right again."""
        notice = utc.clock_notice()
        if notice != self._clock_notice:
            self._clock_notice = notice
            told = notice or "this machine's clock is right again"
            self.announce(told, "warning" if notice else "info", "clock")

    def _run_behind(self) -> None:
        looked = 0.0
        self.frame.painted.wait(PAINTED_SECONDS)  # imports beside it would keep the menu waiting
        gc.enable()
        behind = list(self._behind)
        while not self.closed.is_set():
            try:
                cloud = self.running_cloud()
                self.show_changes()
                self._tell_of_clock()
                while behind:
                    named(behind.pop(0))
                    _warm()
                if time.monotonic() - looked > (LOCAL_LOOK if cloud.is_local else AWS_LOOK):
                    from labapp.worker import reports

                    looked = time.monotonic()
                    self._workers = reports.count_or_none(cloud)
                    self._notices.drop(BEHIND)
                    self.show_changes()
                self.background_tick()
            except LabappError as error:
                if self._opened_once and self._cloud is None and self._is_local:
                    self._workers = 0
                    self.show_changes()
                    self.closed.wait(LOCAL_LOOK)
                    continue
                if not self._notices.is_known(Notice(str(error), "failed")):
                    self.announce(str(error), "failed", BEHIND)
                self.closed.wait(AFTER_TROUBLE)
                looked = 0.0  # what is mended is seen at once
                expired = isinstance(error, CredentialsError)
                if expired and not isinstance(error, ForbiddenError) and self._cloud is not None:
                    with contextlib.suppress(LabappError):  # told by the next look
                        self._cloud.refresh()  # they may have been renewed meanwhile
            except Exception as error:  # noqa: BLE001 - answers come here as long as the menu is open
                to_tell(error)
                self.closed.wait(AFTER_TROUBLE)


@functools.cache
def _warm() -> None:
    """Load what draws results, and what asks for text: 100 ms of CPU time at the first of each."""
    import questionary  # noqa: F401 - is asked for with the first question

    from labapp.console import tables

    theme.current().ansi(tables.table(["", ""], [(tables.mark("good", ""), 1)]), 10)
    theme.current().ansi(tables.key_values({"": ""}), 10)


def _is_gone(cloud: Cloud, *, ask: bool) -> bool:
    """Return whether the local cloud was stopped, or started anew at another address, meanwhile.

    Unless it is to be asked, its file and its process tell.
    """
    if not cloud.is_local:
        return False
    from labapp.cloud import session
    from labapp.cloud.embedded import launcher

    if ask:
        return not cloud.is_of(launcher.find(session.local_home()))
    return not launcher.seems_alive(session.local_home(), cloud.place.endpoint)
