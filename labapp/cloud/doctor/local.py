"""The cloud itself: opened, and of the local one its process and its disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Patient
from labapp.cloud.embedded import disk, launcher, state, troubles
from labapp.cloud.session import local_home

#: Bytes free below which the local cloud's disk is worth a word: some thousand pictures.
LITTLE = 1_000_000_000


def look_at_cloud(patient: Patient) -> Iterator[Finding]:
    """Open the cloud, and tell which it is.

    Raises:
        CloudError: it cannot be opened: a profile that is not there, a local cloud that does not
            come up.
    """
    check, settings = "cloud", patient.settings
    before = launcher.find(local_home()) if settings.cloud == "local" else None
    cloud = patient.cloud
    if not cloud.is_local:
        yield Finding(check, "holds", "aws: an account of AWS, or what stands in for it")
        return
    running = launcher.find(local_home())
    if running is None:
        yield Finding(check, "broken", "the local cloud ended as soon as it was there",
                      "nothing can be done", f"See its log in {local_home()}.")  # fmt: skip
        return
    is_new = before is None or before.pid != running.pid
    now = ", started just now" if is_new else ""
    yield Finding(check, "holds", f"local, at {running.endpoint_url} (pid {running.pid}){now}")
    if state.is_shared(local_home()):
        meaning = "everybody with an account on this machine may read and delete everything in it"
        yield Finding(check, "note", "it is shared", meaning, "'admin.py cloud stop' ends that.")


def look_at_disk(patient: Patient) -> Iterator[Finding]:
    """Tell whether the disk of the local cloud takes what is written, and what was lost of it."""
    check, home = "disk", local_home()
    running = launcher.find(home)
    if trouble := (running.trouble if running else "") or disk.look(home):
        meaning = "what cannot be kept is refused: no job, picture or answer is taken"
        yield Finding(check, "broken", trouble, meaning, disk.remedy(trouble))
        return
    free = shutil.disk_usage(home).free
    told = f"{free / 1e9:.1f} GB free for {home}"
    if free < LITTLE:
        yield Finding(check, "note", told, "pictures soon fill it", disk.REMEDY)
    else:
        yield Finding(check, "holds", told)
    if damage := troubles.damage(home):
        yield Finding(check, "note", damage, "what was in there is lost, and all else is as it was")
