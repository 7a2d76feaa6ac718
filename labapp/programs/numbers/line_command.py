"""`client.py numbers --lines`: the lists of a file, one a line, and an answer line for each."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.errors import LabappError, TimedOutError, UsageError
from labapp.files import private, typed_paths
from labapp.files.lines import lines_of
from labapp.programs.jobs import waiting
from labapp.programs.jobs.waiting import LeftError, tell_of_doubts
from labapp.programs.numbers import lists
from labapp.programs.numbers.line_answers import CELLS, JSON, File, Output, Sink, is_free
from labapp.programs.numbers.line_lists import (
    MOST_LINE,
    Source,
    check_same,
    known_as,
    source_of,
)
from labapp.programs.shell import output

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.console.progress import Transfer
    from labapp.files.lines import RawLine
    from labapp.jobs.stream_ledger import Standing
    from labapp.programs.numbers.reading import Reader
    from labapp.programs.numbers.streaming import Run
    from labapp.programs.shell.context import Context
    from labapp.progress import Progress

#: Runs over one file at once, each with its standing.
AT_ONCE = 20

#: The folder of their locks, in that of the cloud.
FOLDER = "streams"

#: What is said of a run that is not at its end.
_GOES_ON = "The same command with --resume goes on."


@dataclass(frozen=True)
class _Wanted:
    """What was asked for: where lists come from, where answers go and how, and to go on or not."""

    source: Source
    out: Path | None
    form: str
    resume: bool

    def name(self, number: int) -> str:
        from labapp.jobs.stream_ledger import name_of

        return name_of(self.source.name, known_as(self.out) if self.out else "", number)


def send_lines(context: Context) -> int:
    """Send the lists of a file; return the exit code."""
    arguments = context.arguments
    out = typed_paths.parse(arguments.out) if arguments.out else None
    form = JSON if arguments.json else CELLS
    wanted = _Wanted(source_of(arguments.lines), out, form, arguments.resume)
    if out and out.is_dir():
        raise UsageError(f"{out} is a folder", "Name a file with --out.")
    if out and out.exists() and not out.is_file():
        raise UsageError(f"{out} is no plain file", "Name one with --out, or send answers on by >.")
    if out and not is_free(out) and not wanted.resume:
        raise UsageError(
            f"{out} is there already", "Name another file with --out, or go on with it by --resume."
        )
    with wanted.source.opened() as file:
        cloud = context.cloud()
        with _alone_at(cloud, wanted), _claimed(cloud, wanted) as stream:
            standing = stream.standing
            lines = lines_of(wanted.source.chunks(file), MOST_LINE)
            if standing and standing.form != form:
                check_same(wanted.source, lines, standing.told, standing.digest)
                flag = "with" if standing.form == JSON else "without"
                raise UsageError(f"it was begun {flag} --json", f"Go on {flag} it, too.")
            return _run(context, cloud, wanted, stream, lines)


def _run(
    context: Context,
    cloud: Cloud,
    wanted: _Wanted,
    stream: _Stream,
    lines: Iterator[RawLine],
) -> int:
    """Open what a run needs, and have it run; return the exit code."""
    from labapp.jobs.session import ClientSession
    from labapp.jobs.stream_ledger import Standing, StreamLedger
    from labapp.programs.numbers.reading import Begun, Reader
    from labapp.programs.numbers.streaming import Run

    standing = stream.standing
    with contextlib.ExitStack() as stack:
        sink = _sink(context, wanted, standing, stack)
        client = standing.client if standing else ""
        session = stack.enter_context(ClientSession(cloud, context.patience, client))
        book = StreamLedger(session.ledger, stream.name)
        if standing is None:
            book.begin(wanted.form, session.client)
        else:
            book.go_on(session.client)
            context.say(f"going on at line {standing.told + 1:,}")
        tail = sink.tail if isinstance(sink, File) else ()
        begun = Begun.of(standing or Standing(), book.lines(), tail)
        waiting.ensure_worker(context, cloud)
        workers = waiting.Attendance(context.say, cloud)
        run = Run(session, book, begun, sink, context.settings.timeout,
                  unordered=context.arguments.unordered,
                  idle=partial(_attend, context, cloud, workers),
                  away=context.settings.visibility_timeout)  # fmt: skip
        reader = Reader(wanted.source, lists.rules(context.settings), begun, run.window,
                        session.identity, session.client, session.ledger)  # fmt: skip
        stack.callback(tell_of_doubts, context, session)
        return _go(context, run, reader, lines, wanted.source, workers)


def _attend(context: Context, cloud: Cloud, workers: waiting.Attendance) -> bool:
    """Start a worker where the local cloud has lost its own; return whether one was lacking."""
    if waiting.nobody_works(cloud):
        waiting.ensure_worker(context, cloud)
        return True
    workers.look()
    return False


def _go(
    context: Context,
    run: Run,
    reader: Reader,
    lines: Iterator[RawLine],
    source: Source,
    workers: waiting.Attendance,
) -> int:
    """Run to the end, and say what came of it; or what ended it, and how it is gone on with."""
    try:
        with _progress(context, source, run.standing.told) as bar:
            code = run.go(reader, lines, bar)
    except TimedOutError as error:
        workers.time_is_up()
        raise _goes_on(error, run) from error
    except (UsageError, KeyboardInterrupt) as error:
        if isinstance(error, KeyboardInterrupt):
            context.say(f"interrupted. {_told(run)}")  # in two: a line each, also on a terminal
            context.say(_GOES_ON)
        raise
    except LabappError as error:
        raise _goes_on(error, run) from error
    if run.is_whole:
        context.say(run.summary)
        return code
    if output.is_left():  # who reads has had enough, and no more is asked for
        return 0
    raise LeftError("left with Esc", _way_on(run))


def _goes_on(error: LabappError, run: Run) -> LabappError:
    return type(error)(error.message, f"{error.remedy} {_way_on(run)}".strip())


def _way_on(run: Run) -> str:
    return f"{_told(run)} {_GOES_ON}"


def _told(run: Run) -> str:
    return f"Told up to here: {figures.plural(run.standing.told, 'line')}."


def _sink(
    context: Context, wanted: _Wanted, standing: Standing | None, stack: contextlib.ExitStack
) -> Sink:
    if wanted.out is None:
        return Output(context)
    if standing and not wanted.out.exists():
        if standing.told:
            raise UsageError(
                f"{wanted.out} is gone, and {standing.told:,} answers with it",
                "Begin anew without --resume.",
            )
        standing = None
    file = File(wanted.out, wanted.form, standing.octets if standing else None)
    return stack.enter_context(contextlib.closing(file))


@contextlib.contextmanager
def _progress(context: Context, source: Source, told: int) -> Iterator[Progress]:
    """Show how far it is, unless answers do, or may, on the same terminal."""
    from labapp.console import progress

    if not context.arguments.out and (context.on_terminal or output.is_pipe(sys.stdout)):
        yield progress.Transfer(0, None, lines=False)
        return
    total = source.count() if sys.stderr.isatty() else None
    if total is None and not progress.is_drawn():  # how far it is, nobody can tell
        yield progress.Transfer(0, None, lines=False)
        return
    with progress.transfer("answering", total or 0, "lists", lines=False, rate=True) as bar:
        grows = _Growing(bar) if total is None else bar
        grows.moved(told)
        yield grows


@dataclass(frozen=True)
class _Growing:
    """Progress whose end nobody knows: all there is so far is done."""

    bar: Transfer

    def moved(self, amount: int) -> None:
        self.bar.more(amount)
        self.bar.moved(amount)

    def done(self, line: str, state: str, *, good: bool = True) -> None:
        self.bar.done(line, state, good=good)

    def stopped(self) -> bool:
        return self.bar.stopped()


@dataclass(frozen=True)
class _Stream:
    """A run's name in the ledger, and how far it is; None where it begins."""

    name: str
    standing: Standing | None = None


@contextlib.contextmanager
def _alone_at(cloud: Cloud, wanted: _Wanted) -> Iterator[None]:
    """Keep a second program from writing to the same file of answers, from whichever lists.

    Raises:
        UsageError: one does.
    """
    from labapp.jobs.stream_ledger import name_of

    private.folder(cloud.home / FOLDER)
    if wanted.out is None:
        yield
        return
    with _first_free(cloud, [_Stream(name_of("", known_as(wanted.out), 0))]):
        yield


@contextlib.contextmanager
def _claimed(cloud: Cloud, wanted: _Wanted) -> Iterator[_Stream]:
    """Give a run that no other program has while the block runs.

    Raises:
        UsageError: it cannot be gone on with: another program is at it, or nothing is known of it.
    """
    from labapp.jobs.session import open_ledger
    from labapp.jobs.stream_ledger import StreamLedger

    with contextlib.closing(open_ledger(cloud)) as ledger:
        names = [wanted.name(number) for number in range(1, AT_ONCE + 1)]
        known = [_Stream(name, StreamLedger(ledger, name).standing()) for name in names]
    begun = [one for one in known if one.standing]
    if wanted.resume and begun:
        begun.sort(key=lambda one: bool(one.standing and one.standing.ended))
        with _first_free(cloud, begun) as stream:
            yield stream
        return
    if wanted.resume and wanted.out and not is_free(wanted.out):
        raise UsageError(
            f"nothing is known here of how {wanted.out} was made", "Name another file with --out."
        )
    with _first_free(cloud, [_Stream(name) for name in names]) as stream:
        yield stream


@contextlib.contextmanager
def _first_free(cloud: Cloud, streams: Sequence[_Stream]) -> Iterator[_Stream]:
    from filelock import Timeout

    for stream in streams:
        lock = private.lock(cloud.home / FOLDER / f"{stream.name}.lock", blocking=False)
        try:
            lock.acquire()
        except Timeout:
            continue
        try:
            yield stream
        finally:
            lock.release()
        return
    raise UsageError("another program is at these lists", "Wait for its end.")
