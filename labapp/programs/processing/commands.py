"""client.py's commands for pictures: image, operations, results, fetch."""

from __future__ import annotations

import argparse
import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console.figures import one_line
from labapp.errors import LabappError, RefusedError, UsageError
from labapp.files import typed_paths
from labapp.jobs.picture_kind import PICTURES
from labapp.pictures.limits import known_format, known_quality
from labapp.programs.jobs import waiting
from labapp.programs.jobs.table import show_jobs
from labapp.programs.jobs.waiting import LeftError
from labapp.programs.processing import outcomes
from labapp.programs.processing.outcomes import PictureJob
from labapp.programs.processing.table import OPERATIONS, RESULTS
from labapp.programs.shell.arguments import folder_arguments, json_argument, waiting_arguments
from labapp.programs.shell.context import Context
from labapp.programs.shell.table import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.cloud.session import Cloud
    from labapp.jobs.picture_request import ProcessingRequest
    from labapp.jobs.session import ClientSession
    from labapp.pictures.files import Selection
    from labapp.programs.processing.resuming import TakenUp

#: What `image` says of some of its flags.
OP_HELP = "what is to be done, as 'operations' lists it; again for more steps"
RECIPE_HELP = "steps that were saved, as 'recipes' lists them; before those of --op"
FORMAT_HELP = "jpeg, png, gif, webp, bmp or tiff (default: the picture's own)"
QUALITY_HELP = "of results in JPEG or WebP, 1 to 100 (default: the picture's own)"
EXACT_HELP = "as scikit-image defines it in float64: slower, with more memory on the worker"
NO_WAIT_HELP = "send, write the jobs' ids, and leave; 'fetch' gets the results"

RESUME_HELP = "go on where an earlier run of this was ended: what it sent is not sent again"

WATCH_HELP = "process what arrives in a folder, until Ctrl-C; goes on when it is begun again"

#: What `fetch` writes with --json.
FETCHED = Document(lead="list of the paths saved")


def process(context: Context) -> int:
    """Send pictures, wait for their results, save them."""
    from labapp.jobs import picture_request
    from labapp.pictures import files

    arguments = context.arguments
    if arguments.watch is not None:
        return _watch(context)
    if not arguments.path:
        raise UsageError("name a picture, a folder or a pattern", "Or a folder with --watch.")
    if arguments.resume and arguments.no_wait:
        raise UsageError("--resume waits for results", "Leave --no-wait out.")
    try:
        request = _request_of(context)
        selection = files.select(
            arguments.path, recursive=arguments.recursive, results=arguments.results
        )
        if request.folder or not arguments.no_wait:
            for folder in {request.folder or path.parent for path in selection.files}:
                picture_request.check_folder(folder)
    except LabappError as error:
        outcomes.tell_unsent(context, error)
        raise
    sent = [PictureJob(path, request.folder) for path in selection.files]
    interrupted = False
    try:
        interrupted = _process(context, selection, sent, request)
    except LabappError as error:
        if not any(one.job or one.error for one in sent) and not arguments.json:
            raise
        outcomes.blame(sent, error)
    code = outcomes.show(context, sent)
    return LeftError.exit_code if interrupted else code


def _process(
    context: Context, selection: Selection, sent: list[PictureJob], request: ProcessingRequest
) -> bool:
    """Send what is selected, or go on with it; return whether that was interrupted by Ctrl-C.

    `sent` has one for each picture of the selection, and loses those that are results.
    """
    from labapp.jobs.saving import saved_for
    from labapp.jobs.session import ClientSession
    from labapp.programs.processing import resuming

    arguments = context.arguments
    with contextlib.ExitStack() as stack:
        cloud = waiting.attended_cloud(context)
        if arguments.resume:
            stack.enter_context(resuming.alone(cloud.home, request))
        session = stack.enter_context(ClientSession(cloud, context.patience))
        if not arguments.results:
            selection = selection.without(saved_for(session.ledger.newest(kind=PICTURES.name)))
            sent[:] = [PictureJob(path, request.folder) for path in selection.files]
        for note in selection.notes:
            context.say(one_line(note))
        taken = resuming.TakenUp(rest=sent)
        if arguments.resume:
            taken = resuming.take_up(session, sent, request)
            context.say(resuming.summary(taken))
        waiting.ensure_worker(context, cloud)
        return _send_and_receive(context, session, sent, taken, request)


def _watch(context: Context) -> int:
    """Process what arrives in a folder, until Ctrl-C."""
    from labapp.programs.processing import watching

    arguments = context.arguments
    if arguments.path:
        raise UsageError(f"--watch takes no other path, as {arguments.path[0]}", "Leave it out.")
    if arguments.no_wait:
        raise UsageError("--watch waits for results", "Leave --no-wait out.")
    if arguments.resume:
        raise UsageError("--watch goes on by itself", "Leave --resume out.")
    folder = typed_paths.parse(arguments.watch)
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", "Make it, or name another with --watch.")
    return watching.watch(context, folder, _request_of(context))


def _send_and_receive(
    context: Context,
    session: ClientSession,
    sent: Sequence[PictureJob],
    taken: TakenUp,
    request: ProcessingRequest,
) -> bool:
    """Send pictures and save their results; return whether that was interrupted by Ctrl-C."""
    from labapp.console import progress
    from labapp.programs.processing.sending import Receiver, send_all, tell_losses

    interrupted, waits = False, not context.arguments.no_wait
    try:
        with progress.escape() as left:
            if request.format or request.quality:
                tell_losses(context, taken.rest, request)
            size = sum(outcomes.size_of(one.path) for one in taken.rest)
            with contextlib.closing(Receiver(context, session, left)) as receiver:
                beside = receiver.beside() if waits else contextlib.nullcontext()
                with progress.transfer("uploading", size, left=left, lines=False) as bar, beside:
                    taken.go_on(session, request, receiver)
                    send_all(session, taken.rest, request, bar, receiver.expect)
                if waits and not left.is_set():
                    receiver.receive_all()
    except KeyboardInterrupt:  # what was sent goes on all the same, and has to be told of
        interrupted = True
    finally:
        session.ledger.mark_shown(one.job for one in sent if one.entry)
    if interrupted or left.is_set():
        outcomes.tell_of_the_rest(sent)
        if len(sent) > 1 and waits:
            context.say("the same command with --resume goes on")
    return interrupted


def _request_of(context: Context) -> ProcessingRequest:
    """Read what is to be done, before anything is sent."""
    from labapp.pictures import recipes as form
    from labapp.programs.processing import recipes

    arguments = context.arguments
    first = recipes.get(arguments.recipe) if arguments.recipe else None
    if not (arguments.op or first):
        raise UsageError(
            "say what is to be done with --op, or with --recipe",
            "'client.py operations' lists what there is.",
        )
    recipe = form.with_flags(
        first,
        arguments.op or (),
        typed_format(arguments.format),
        typed_quality(arguments.quality),
        exact=arguments.exact or context.settings.exact,
    )
    return recipes.request_of(recipe, typed_paths.parse(arguments.out) if arguments.out else None)


def typed_format(text: str | None) -> str:
    """Return the format that `--format` names; empty where it was not given.

    Raises:
        UsageError: none of ours.
    """
    try:
        return known_format(text) if text else ""
    except RefusedError as error:  # typed wrong, as a flag may be
        raise UsageError(error.message, error.remedy) from None


def typed_quality(text: str | None) -> int | None:
    """Return the quality that `--quality` gives; None where it was not given.

    Raises:
        RefusedError: no quality.
    """
    return known_quality(text) if text else None


def process_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `image` takes."""
    parser.add_argument("path", nargs="*", metavar="PATH", help="pictures, folders, patterns")
    parser.add_argument("--watch", metavar="DIR", help=WATCH_HELP)
    parser.add_argument("--op", action="append", metavar="STEP", help=OP_HELP)
    parser.add_argument("--recipe", metavar="RECIPE", help=RECIPE_HELP)
    parser.add_argument("--out", metavar="DIR", help="save there instead of beside each picture")
    parser.add_argument("--format", metavar="FORMAT", help=FORMAT_HELP)
    parser.add_argument("--quality", metavar="N", help=QUALITY_HELP)
    parser.add_argument("--exact", action="store_true", help=EXACT_HELP)
    parser.add_argument("--resume", action="store_true", help=RESUME_HELP)
    parser.add_argument("--no-wait", action="store_true", help=NO_WAIT_HELP)
    folder_arguments(parser)
    waiting_arguments(parser)


def list_operations(context: Context) -> None:
    """List what can be done to a picture."""
    from labapp.pictures import registry

    context.show(OPERATIONS, registry.operations().values())


def list_results(context: Context) -> None:
    """List the pictures that were sent from this machine."""
    show_jobs(context, RESULTS, "picture", PICTURES.name)


def fetch(context: Context) -> None:
    """Save the result of an earlier job again."""
    from labapp.cloud.bucket import Bucket
    from labapp.jobs import picture_request, saving, session

    folder = typed_paths.parse(context.arguments.out or ".")
    picture_request.check_folder(folder)
    cloud = context.cloud(bucket_only=True)
    here, job = partial(session.entry_here, cloud), context.arguments.job
    saved = saving.fetch(Bucket(cloud), job, folder, here, context.say)
    _note_saved(cloud, job, saved[-1])
    if context.arguments.json:
        context.json([str(path) for path in saved])
        return
    for path in saved:
        context.row(str(path))


def _note_saved(cloud: Cloud, name: str, path: Path) -> None:
    """Have this machine's ledger know where a result was saved; it is saved, whatever that does."""
    from labapp.jobs.result_search import client_and_job
    from labapp.jobs.session import has_ledger, open_ledger

    if has_ledger(cloud):
        with contextlib.suppress(LabappError), contextlib.closing(open_ledger(cloud)) as ledger:
            ledger.note_saved(client_and_job(name)[1], str(path.absolute()))


def fetch_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `fetch` takes."""
    told = "the job's id, as 'results' lists it; CLIENT/JOB: one of this client's"
    parser.add_argument("job", metavar="JOB", help=told)
    parser.add_argument("--out", metavar="DIR", help="where it is saved; here, unless given")
    json_argument(parser)
