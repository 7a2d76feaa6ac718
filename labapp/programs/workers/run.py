"""Run a worker until it is stopped: with a live console on a terminal, else with log lines."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from labapp.errors import CloudError, UnreachableError
from labapp.programs.shell import countdown, exits
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.cloud.patience import Patience
    from labapp.cloud.session import Cloud
    from labapp.worker.control import Runnable
    from labapp.worker.engine import Worker
    from labapp.worker.processes import Processes
    from labapp.worker.standing import Standing

#: Seconds for which a worker in the background leaves it to the program that began it to make the
#: local cloud's bucket and queues, and those between two looks whether they are there.
GIVES_WAY, LOOK = 3.0, 0.05


def run(context: Context) -> int:
    """Work until stopped: on a terminal with the live console, else with log lines."""
    from labapp.jobs import lab_queues

    with lab_queues.kept_dialect(context.settings):
        return _run(context)


def _run(context: Context) -> int:
    from labapp.console import theme
    from labapp.console.accessible import mode
    from labapp.worker import control
    from labapp.worker.engine import Worker

    asked = context.arguments
    live = theme.is_interactive() and not (asked.plain or asked.child or mode.is_on())
    if not live:
        _log_lines(context)
    cloud = context.cloud(require=False)
    if asked.background and cloud.is_local:
        _give_way(cloud)
    patience = countdown.patience(context.say)
    away = _is_away(cloud, patience, lasting=not asked.until_idle)
    standing = _standing(context, cloud) if asked.step else None
    worker = _worker(context, cloud, standing, away=away, live=live)
    if not live and not isinstance(worker, Worker):
        _suspend_on_ctrl_z(worker)
    if asked.child:
        threading.Thread(target=control.follow, args=(sys.stdin, worker), daemon=True).start()
        if asked.log_format == "json":  # else the parent keeps no stats
            telling = (worker, threading.Event())
            threading.Thread(target=control.tell_in_flight, args=telling, daemon=True).start()
    received = _stop_on_signals(worker)
    window = exits.watch_window(worker.stop)
    try:
        with _measured(context, cloud, worker, live=live):
            _work(context, cloud, worker, standing, live=live)
    except OSError:  # the terminal is gone; the worker's own thread ends it in order
        if not (live and received):
            raise
    window.ended()
    if received:
        exits.let_go_of_lost_streams()
    return 128 + received[0] if received else 0


def _worker(
    context: Context, cloud: Cloud, standing: Standing | None, *, away: bool, live: bool
) -> Worker | Processes:
    from labapp.cloud.bucket import Bucket
    from labapp.worker.engine import Worker
    from labapp.worker.handlers import all_handlers
    from labapp.worker.processes import Processes
    from labapp.worker.stepping import NO_STEPS

    asked = context.arguments
    if context.settings.processes > 1 and standing is None:
        as_text = not (live or asked.metrics or asked.log_format == "json")
        return Processes(cloud, until_idle=asked.until_idle, as_text=as_text)
    return Worker(
        cloud,
        all_handlers(context.settings, Bucket(cloud)),
        until_idle=asked.until_idle,
        background=asked.background,
        away=away,
        steps=standing or NO_STEPS,
    )


def _work(
    context: Context, cloud: Cloud, worker: Runnable, standing: Standing | None, *, live: bool
) -> None:
    """Run a worker to its end: with a page, or with lines.

    Raises:
        OSError: the terminal is gone.
    """
    if not live:
        if standing:
            from labapp.programs.workers.stepping_lines import Lines

            Lines(context, worker, standing).start()
        worker.run()
    elif standing:
        from labapp.programs.workers import stepping_page

        stepping_page.run(context, cloud, worker, standing)
    else:
        from labapp.programs.workers import console

        console.run(context, cloud, worker)


def _standing(context: Context, cloud: Cloud) -> Standing:
    """Return what stands at each step of a job; one process is enough for that."""
    from labapp.worker.standing import Standing

    if context.settings.processes > 1:
        context.say("--step works with one process")
    return Standing(cloud.settings)


@contextlib.contextmanager
def _measured(context: Context, cloud: Cloud, worker: Runnable, *, live: bool) -> Iterator[None]:
    """Have the backlog counted, and metrics served, where JSON lines or Prometheus ask for them.

    Raises:
        LabappError: the port cannot be had.
    """
    import logging  # which a menu need not load

    from labapp.jobs import lab_queues
    from labapp.worker.backlog import Backlog

    asked = context.arguments
    logged = asked.log_format == "json" and not live
    if asked.child or not (logged or asked.metrics):  # of children the parent tells
        yield
        return
    names = [queue.name for queue in lab_queues.requests(context.settings)]
    backlog, ended = Backlog(cloud, names, logged=logged), threading.Event()
    with contextlib.ExitStack() as stack:
        stack.callback(ended.set)
        if asked.metrics:
            import logging

            from labapp.worker import metrics

            address = stack.enter_context(metrics.served(worker.stats, backlog, asked.metrics))
            log = logging.getLogger(__name__)
            log.info("metrics are on %s", address, extra={"event": "metrics"})
        threading.Thread(target=backlog.run, args=(ended,), daemon=True).start()
        yield


def _log_lines(context: Context) -> None:
    """Have log lines written, and say to a person how to stop them."""
    from labapp.worker import logs

    as_json = context.arguments.log_format == "json"
    logs.to_stream(sys.stderr, as_json=as_json, metrics=not context.arguments.child)
    logs.warn(context.left_out)
    if sys.stderr.isatty() and not (context.arguments.child or as_json):
        context.say("Ctrl-C stops the worker, once the jobs in hand are done.")


def _suspend_on_ctrl_z(worker: Processes) -> None:
    """Have Ctrl-Z reach the children too, who are no part of what the shell stops."""
    if sys.platform != "win32" and signal.getsignal(signal.SIGTSTP) == signal.SIG_DFL:
        signal.signal(signal.SIGTSTP, lambda *_: worker.suspend())


def _give_way(cloud: Cloud) -> None:
    """Let the program that began this worker make bucket and queues: two would make them twice."""
    from labapp.cloud.queues import Queue
    from labapp.jobs import lab_queues

    until = time.monotonic() + GIVES_WAY
    *_, last = (one.name for one in lab_queues.all_queues(cloud.settings) if not one.waits)
    with contextlib.suppress(CloudError):  # told by who looks next
        while not Queue(cloud, last).exists() and time.monotonic() < until:
            time.sleep(LOOK)


def _is_away(cloud: Cloud, patience: Patience, *, lasting: bool) -> bool:
    """Return whether the cloud does not answer, or no longer to these credentials, for now.

    A worker waits that out. Credentials that ended it waits for if it is `lasting`: who runs one
    until the queues are empty waits for that one's end.

    Raises:
        CloudError: a worker cannot work there.
    """
    from labapp.jobs import lab
    from labapp.worker.outages import ARRIVING

    try:
        lab.require(cloud, patience=patience)
    except UnreachableError:
        return True
    except ARRIVING:
        if not lasting:
            raise
        return True
    return False


def _stop_on_signals(worker: Runnable) -> list[int]:
    """Have Ctrl-C and the signals to end stop the worker cleanly; return what was heard."""
    return exits.on_signals(lambda _: worker.stop(), signal.SIGINT)


def _port(text: str) -> int:
    """Read the number of a port."""
    if text.isascii() and text.isdecimal() and 0 < int(text) < 65_536:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 1 to 65535")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what server.py takes without a command."""
    parser.add_argument(
        "--plain", action="store_true", help="log lines instead of the live console"
    )
    parser.add_argument(
        "--log-format",
        choices=["text", "json"],
        default="text",
        help="for --plain: how lines look, which are on stderr: pipe json with 2>&1 |",
    )
    parser.add_argument(
        "--step", action="store_true", help="stop at each step of a job until Enter; one at a time"
    )
    parser.add_argument(
        "--metrics",
        type=_port,
        metavar="PORT",
        help="serve metrics for Prometheus on this port, to this machine alone",
    )
    parser.add_argument("--until-idle", action="store_true", help="end once the queues are empty")
    parser.add_argument("--background", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
