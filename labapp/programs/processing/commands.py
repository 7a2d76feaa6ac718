"""client.py's commands for pictures: image, operations; and those for their results."""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from typing import TYPE_CHECKING

from labapp import interruptible
from labapp.console.figures import one_line
from labapp.errors import JobFailedError, LabappError, RefusedError, TimedOutError, UsageError
from labapp.files import typed_paths
from labapp.programs.jobs.waiting import LeftError
from labapp.programs.processing import outcomes, results_commands
from labapp.programs.processing.outcomes import (
    Sent,
    blame,
    show,
    tell_of_the_rest,
    way_back,
)
from labapp.programs.processing.table import OPERATIONS
from labapp.programs.shell.arguments import folder_arguments, json_argument, timeout_argument
from labapp.programs.shell.command import Command
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future, ThreadPoolExecutor

    from labapp.cloud.bucket import Bucket
    from labapp.console.progress import Transfer
    from labapp.jobs.picture_client import ProcessingRequest
    from labapp.jobs.session import ClientSession

#: Pictures uploaded, and results fetched, at once.
AT_ONCE = 8

#: Seconds of one look into the reply queue while pictures are processed.
LOOK = 1

#: What `image` says of some of its flags.
FORMAT_HELP = "jpeg, png, gif, webp, bmp or tiff (default: the picture's own)"
QUALITY_HELP = "of results in JPEG or WebP, 1 to 100 (default: the picture's own)"
EXACT_HELP = "as scikit-image defines it in float64: slower, with more memory on the worker"
NO_WAIT_HELP = "send, write the jobs' ids, and leave; 'fetch' gets the results"


def _image(context: Context) -> int:
    """Send pictures, wait for their results, save them."""
    from labapp.jobs import picture_client
    from labapp.jobs.saved import saved_for
    from labapp.jobs.session import ClientSession
    from labapp.pictures import files
    from labapp.programs.jobs import attendance

    arguments = context.arguments
    try:
        wish = _wish(context)
        selection = files.select(
            arguments.path, recursive=arguments.recursive, results=arguments.results
        )
        if wish.folder or not arguments.no_wait:
            for folder in {wish.folder or path.parent for path in selection.files}:
                picture_client.check_folder(folder)
    except LabappError as error:
        outcomes.tell_unsent(context, error)
        raise
    sent = [Sent(path, wish.folder) for path in selection.files]
    interrupted = False
    try:
        with ClientSession(context.cloud()) as session:
            if not arguments.results:
                known = saved_for(session.ledger.newest(kind=picture_client.KIND))
                selection = selection.without(known)
                sent = [Sent(path, wish.folder) for path in selection.files]
            for note in selection.notes:
                context.say(one_line(note))
            attendance.ensure_worker(context, session.cloud)
            interrupted = _sent_and_received(context, session, sent, wish)
    except LabappError as error:
        if not any(one.begun for one in sent) and not arguments.json:
            raise
        blame(sent, error)
    code = show(context, sent)
    return LeftError.exit_code if interrupted else code


def _sent_and_received(
    context: Context, session: ClientSession, sent: Sequence[Sent], wish: ProcessingRequest
) -> bool:
    """Send pictures and save their results; return whether that was interrupted by Ctrl-C."""
    from labapp.cloud.bucket import Bucket
    from labapp.console.escape import escape

    bucket = Bucket(session.cloud)
    interrupted = False
    try:
        with _pool() as pool, escape() as left:
            if wish.format or wish.quality:
                outcomes.tell_losses(context, sent, wish, pool)
            send_all(session, bucket, sent, wish, pool, left)
            if not context.arguments.no_wait:
                receive_all(context, session, sent, pool, left)
    except KeyboardInterrupt:  # what was sent goes on all the same, and has to be told of
        interrupted = True
    finally:
        session.ledger.mark_shown(one.job for one in sent if one.entry)
    if interrupted or left.is_set():
        tell_of_the_rest(sent)
    return interrupted


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    """Give threads; when the block is left early, what is queued for them is dropped."""
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _wish(context: Context) -> ProcessingRequest:
    """Read what is to be done, before anything is sent."""
    from labapp.jobs.picture_client import ProcessingRequest
    from labapp.pictures import pipeline
    from labapp.pictures.limits import known_format, known_quality

    arguments = context.arguments
    if not arguments.op:
        raise UsageError(
            "say what is to be done with --op", "'client.py operations' lists what there is."
        )
    try:
        wanted = known_format(arguments.format) if arguments.format else ""
    except RefusedError as error:  # typed wrong, as a flag may be
        raise UsageError(error.message, error.remedy) from None
    quality = known_quality(arguments.quality) if arguments.quality else None
    exact = arguments.exact or context.settings.exact
    folder = typed_paths.parse(arguments.out) if arguments.out else None
    return ProcessingRequest(pipeline.parse(arguments.op), wanted, folder, quality, exact)


def send_all(
    session: ClientSession,
    bucket: Bucket,
    sent: Sequence[Sent],
    wish: ProcessingRequest,
    pool: ThreadPoolExecutor,
    left: threading.Event,
) -> None:
    """Upload pictures side by side, under one progress bar; one that is refused stops no other.

    What has not begun once `left` is set is not sent.
    """
    from labapp.console import progress
    from labapp.jobs import picture_client
    from labapp.programs.jobs.outages import named

    def send(one: Sent, bar: Transfer) -> None:
        if left.is_set():
            return
        one.begun = True
        new = session.identity()
        try:
            one.job = picture_client.send(session, bucket, one.path, wish, bar.moved, new)
        except LabappError as error:
            # Written down before it is sent: it may be on its way.
            is_known = session.ledger.get(new.job)
            one.error = named(error, new.job, sent=False) if is_known else error

    total = sum(outcomes.size_of(one.path) for one in sent)
    with progress.transfer("uploading", total, left=left) as bar:
        for future in [pool.submit(send, one, bar) for one in sent]:
            interruptible.result(future)


def receive_all(
    context: Context,
    session: ClientSession,
    sent: Sequence[Sent],
    pool: ThreadPoolExecutor,
    left: threading.Event,
) -> None:
    """Wait for the answers, saving each result as it comes, until Esc or the time is up."""
    from labapp.console import progress
    from labapp.programs.jobs import waiting as sending
    from labapp.programs.jobs.attendance import Attendance
    from labapp.programs.jobs.outages import Wait

    waiting = {one.job: one for one in sent if one.job}
    if left.is_set():
        return
    saving: list[Future[None]] = []
    wait = Wait(context.settings.timeout)
    workers = Attendance(context, session.cloud)
    with progress.transfer("processing", len(waiting), "pictures", left, "leaves") as bar:
        while waiting and not left.is_set():
            answered = [e for job in waiting if (e := sending.answered(session, job))]
            for entry in answered:
                one = waiting.pop(entry.job)
                one.entry = entry
                saving.append(pool.submit(_save, session, one, bar, context.settings.timeout))
                wait.renew()  # for each picture anew
            if wait.is_over:
                break
            if waiting and not answered:
                wait.collect(session, LOOK)
                workers.look()
        for future in saving:
            interruptible.result(future)
    sending.tell_of_doubts(context, session)
    if waiting and not left.is_set():
        for one in waiting.values():
            one.error = wait.timed_out("no answer", way_back([one]))
        workers.time_is_up()


def _save(session: ClientSession, one: Sent, bar: Transfer, timeout: float) -> None:
    from labapp.cloud.bucket import Bucket
    from labapp.jobs import saving
    from labapp.programs.jobs.outages import Wait

    entry, bucket = one.entry, Bucket(session.cloud)
    assert entry is not None
    if bar.stopped() and entry.status == "done":
        return  # told with those that are not back yet
    try:
        if entry.status == "done":
            one.saved = Wait(timeout).until_reached(
                lambda: saving.save(bucket, entry, ledger=session.ledger)
            )
        else:
            kind = RefusedError if entry.status == "refused" else JobFailedError
            one.error = kind(entry.reply)
    except TimedOutError as error:
        one.error = TimedOutError(error.message, way_back([one]))
    except LabappError as error:
        one.error = error
    bar.moved(1)


def _image_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", nargs="+", metavar="PATH", help="pictures, folders, patterns")
    parser.add_argument(
        "--op",
        action="append",
        metavar="STEP",
        help="what is to be done, as 'operations' lists it; again for more steps",
    )
    parser.add_argument("--out", metavar="DIR", help="save there instead of beside each picture")
    parser.add_argument("--format", metavar="FORMAT", help=FORMAT_HELP)
    parser.add_argument("--quality", metavar="N", help=QUALITY_HELP)
    parser.add_argument("--exact", action="store_true", help=EXACT_HELP)
    parser.add_argument("--no-wait", action="store_true", help=NO_WAIT_HELP)
    folder_arguments(parser)
    json_argument(parser)
    timeout_argument(parser)


def _operations(context: Context) -> None:
    from labapp.pictures import registry

    context.show(OPERATIONS, registry.operations().values())


COMMANDS = (
    Command(
        "image",
        "send pictures to be processed and save their results",
        _image,
        _image_arguments,
        (
            "image photo.jpg --op blur:sigma=3",
            "image photos/ --op grayscale --op resize:side=800 --out small",
            'image "*.png" --op equalize --format jpeg --json',
            "image photo.jpg --op clahe --exact",
        ),
    ),
    *results_commands.COMMANDS,
    Command(
        "operations",
        "list what can be done to a picture, with its parameters",
        _operations,
        json_argument,
        ("operations", "operations --json"),
        documents=(OPERATIONS.listing,),
    ),
)
