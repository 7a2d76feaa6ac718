"""The cloud: what it is, and the start, stop and reset of the local one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from labapp.cloud import endpoints, provision
from labapp.cloud.embedded import disk, launcher, state, troubles
from labapp.cloud.session import Cloud, local_home
from labapp.errors import CloudError, UsageError
from labapp.jobs import lab
from labapp.programs.cloud.table import FIELDS, LOCAL_FIELDS
from labapp.worker import local_workers

if TYPE_CHECKING:
    from labapp.cloud.endpoints import Endpoints
    from labapp.settings import Settings

#: What a shared cloud means.
SHARED = (
    "it is shared: everybody with an account on this machine may read and delete everything in it,"
    " with any key, until 'python admin.py cloud stop'; web pages are still refused"
)

#: What is said where a shared one was emptied: a stop ends the sharing, and a reset stops it.
SHARED_NO_MORE = "it is shared no more: 'python admin.py cloud start --share' opens it again"


#: What is wrong where our own protection of the bucket would keep us out.
LOCKED_OUT = (
    "the bucket's policy lets nobody in without TLS (DenyWithoutTLS), and S3 is asked without: give"
    " an address of https, or delete that statement"
)


def status(settings: Settings) -> dict[str, Any]:
    """Return what there is to know of a cloud, without starting anything.

    Returns:
        `FIELDS`, None where there is nothing to know, `trouble` what is wrong: with our way to the
        bucket, or with the local cloud's disk and files; and of the local cloud `LOCAL_FIELDS`: its
        folder, the workers alive, its process, and whether it is shared.

    Raises:
        CredentialsError: AWS does not know us.
        UnreachableError: AWS cannot be reached.
    """
    local = settings.cloud == "local"
    running = launcher.find(local_home()) if local else None
    found: dict[str, Any] = dict.fromkeys(FIELDS)
    found |= {"cloud": settings.cloud, "state": "stopped"}
    if local and running is None and launcher.lives(local_home()):
        found["state"] = "not answering"
    if running or not local:
        cloud = Cloud(settings, start=False)
        found |= {
            "state": "running" if local else "reachable",
            "region": cloud.place.region,
            **_addresses(cloud.place.endpoints),
            "bucket": cloud.bucket_name,
            "missing": lab.missing(cloud),
            "awaited": lab.waiting(cloud) or None,
            "trouble": LOCKED_OUT if provision.is_locked_out(cloud) else None,
        }
    if local:
        workers, pid = len(local_workers.alive(local_home())), running.pid if running else None
        values = (str(local_home()), workers, pid, is_shared())
        found |= zip(LOCAL_FIELDS, values, strict=True)
        found["trouble"] = _trouble(running) or None
    return found


def _addresses(found: Endpoints) -> dict[str, str | None]:
    """Return the addresses in force; None for those of Amazon's own."""
    s3, sqs = (None if one.is_amazons else one.url for one in (found.s3, found.sqs))
    return {"endpoint": s3 if s3 == sqs else None, "s3_endpoint": s3, "sqs_endpoint": sqs}


def _trouble(running: launcher.Running | None) -> str:
    """Return what is wrong with the local cloud; empty if nothing is."""
    if other := launcher.of_another_version(local_home()):
        return f"{other.message}. {other.remedy}"
    now = running.trouble if running else disk.look(local_home())
    return now or troubles.damage(local_home())


def only_local(settings: Settings) -> None:
    """Refuse what may only be done to the local cloud.

    Raises:
        UsageError: the settings name another.
    """
    if where := endpoints.known(settings).where:
        raise UsageError(
            f"the cloud at {where} is another's, and this is for the local one only",
            "Whoever runs it, such as its teacher, does this there.",
        )
    if settings.cloud != "local":
        raise UsageError(
            f"the cloud is {settings.cloud}, and this is for the local one only",
            "Say --cloud local.",
        )


def is_shared() -> bool:
    """Tell whether everybody on this machine may use the local cloud, now or once it runs again."""
    return state.is_shared(local_home())


def start(settings: Settings, *, share: bool = False) -> tuple[launcher.Running, bool]:
    """Start the local cloud unless it runs, and make its bucket and queues.

    Args:
        settings: those in force.
        share: open it to everybody on this machine, until it is stopped; one that is open stays so.

    Returns:
        The cloud, and whether it was started now.
    """
    only_local(settings)
    before = launcher.find(local_home())
    cloud = Cloud(settings)
    lab.require(cloud)
    running = launcher.find(local_home())
    if running is None:
        raise CloudError("the local cloud ended as soon as it was there", "Look at its log.")
    if share:
        launcher.share(local_home())
    return running, before is None or before.pid != running.pid


def warning_of(running: launcher.Running) -> str:
    """Return what is wrong with a local cloud that runs, and what to do; empty if nothing is."""
    return f"{running.trouble}. {disk.remedy(running.trouble)}" if running.trouble else ""


def stop(settings: Settings) -> tuple[bool, list[int]]:
    """End the background workers, then the local cloud.

    Returns:
        Whether the cloud was running, and the process ids of the workers that were ended.

    Raises:
        CloudError: the cloud does not end; or a worker does not, which is said last.
    """
    only_local(settings)
    workers = local_workers.stop_background(local_home())
    stopped = launcher.stop(local_home())
    _all_ended()
    return stopped, workers


def reset(settings: Settings, *, dry: bool = False) -> tuple[list[Path], str]:
    """Stop the local cloud and delete all it holds.

    Args:
        settings: those in force.
        dry: only say what would be deleted, and stop nothing.

    Returns:
        The folders that were deleted, and what else there is to say of it.

    Raises:
        CloudError: as in `stop`.
    """
    only_local(settings)
    note = SHARED_NO_MORE if is_shared() and not dry else ""
    if not dry:
        local_workers.stop_background(local_home())
    folders = launcher.reset(local_home(), dry=dry)
    if not dry:
        _all_ended()
    return folders, note


def _all_ended() -> None:
    """Say so where a worker in the background lives on although it was asked, and killed."""
    left = [str(one.pid) for one in local_workers.alive(local_home()) if one.background]
    if left:
        raise CloudError(
            f"a worker in the background does not end (pid {', '.join(left)})",
            "It may be another account's: end it by hand.",
        )
