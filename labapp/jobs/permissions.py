"""What a lab's things are called in the policies of its roles (see `cloud.roles`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labapp.cloud import roles
from labapp.cloud.fleet.model import LAB
from labapp.cloud.queue_names import dead_letters_of
from labapp.cloud.roles import Names
from labapp.cloud.session import Cloud, account_bucket
from labapp.jobs import kinds, lab_queues
from labapp.jobs.lab_queues import LabQueue
from labapp.jobs.number_kind import NUMBERS
from labapp.labels import annotator_file, gold, predictions, scheme_file
from labapp.labels.layout import REMOVED
from labapp.labels.layout_rules import layout_of
from labapp.settings import Settings

if TYPE_CHECKING:
    from labapp.dialects.rules import Block, Text


def names_of(settings: Settings, region: str, account: str) -> Names:
    """Return what things are called in an account's region, asking nobody.

    Raises:
        SettingError: something in the dialect is wrong, or in where pictures to label lie.
    """
    every = kinds.all_kinds()
    requests = (kind.request_queue_name(settings) for kind in every)
    plain_answers = (kind.plain_replies_name(settings) for kind in every)
    dialect = lab_queues.dialect_of(settings)
    queues = lab_queues.queues_with(dialect, settings)
    taken = tuple(queue.name for queue in queues if queue.takes_requests)
    told = tuple(queue.name for queue in queues if not queue.takes_requests)
    bucket = settings.bucket or account_bucket(account, region)
    plain_results = settings.plain_result_prefix.partition("{")[0]
    blocks = dialect.blocks if dialect else ()
    written = (each for one in blocks for each in _written(one, bucket, plain_results))
    return Names(
        partition=roles.partition_of(region),
        region=region,
        account=account,
        bucket=bucket,
        requests=tuple(dict.fromkeys(requests)),
        plain_answers=tuple(dict.fromkeys(plain_answers)),
        answers=settings.response_queue,
        plain_sources=settings.plain_source_prefix,
        plain_results=plain_results,
        taken=taken,
        told=told,
        taken_dead=tuple(map(dead_letters_of, taken)),
        told_dead=tuple(map(dead_letters_of, told)),
        other_buckets=tuple(one for one in lab_queues.buckets(settings) if one != bucket),
        read=tuple(dict.fromkeys(each for one in blocks for each in _read(one, bucket))),
        written=tuple(dict.fromkeys(written)),
        light=_light(settings, queues, blocks),
        lab=LAB,
        **_dataset(settings),
    )


def _light(
    settings: Settings, queues: Sequence[LabQueue], blocks: Sequence[Block]
) -> tuple[str, ...]:
    """Return the queues of requests that hold jobs of numbers alone."""
    heavy = {
        lab_queues.request_queue_of(block, settings) for block in blocks if not block.is_numbers
    }
    return tuple(
        queue.name
        for queue in queues
        if queue.takes_requests and queue.kind in (NUMBERS, None) and queue.name not in heavy
    )


#: What an admin decides of a dataset: it lies below `labels/` also where label files do not.
_DECIDED = (scheme_file.KEY, annotator_file.KEY, gold.KEY, predictions.KEY)


def _dataset(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return where pictures to label and their answers lie, as patterns of keys."""
    layout = layout_of(settings.images_prefix, settings.labels_key, writes=settings.layout_writes)
    pictures, files = (f"{layout.images}*",), (f"{layout.label_folder}*",)
    labels = files if layout.is_own else (*files, *_DECIDED)
    is_kept = not layout.why_read_only
    own = tuple(f"{layout.label_folder}{name}" for name in ("*.txt", "*.part", ".conditions"))
    return {
        "pictures": pictures,
        "labels": labels,
        "kept_pictures": pictures if is_kept else (),
        "kept_labels": labels if is_kept else (),
        "label_files": own if layout.is_own else files if is_kept else (),
        "kept_aside": (f"{REMOVED}*",) if is_kept else (),
        "only_read": () if is_kept else (*pictures, *labels),
    }


def names_in(cloud: Cloud) -> Names:
    """Return what things are called in a cloud.

    Raises:
        CredentialsError: AWS does not know us.
        SettingError: something in the dialect is wrong.
    """
    return names_of(cloud.settings, cloud.place.region, cloud.account)


def _read(block: Block, bucket: str) -> list[str]:
    """Return what a dialect's block has workers read, each as a bucket and how keys begin."""
    from labapp.dialects.rules import Numbers

    work = block.work
    if isinstance(work, Numbers):
        keys = _beginnings(work.source) if work.is_object else []
    else:
        keys = _beginnings(work.key)
    return [f"{block.bucket or bucket}/{key}" for key in keys]


def _written(block: Block, bucket: str, plain_results: str) -> list[str]:
    """Return what it has them write, likewise."""
    if block.result:
        keys = _beginnings(block.result)
    else:
        keys = [] if block.is_numbers else [plain_results]
    return [f"{block.result_bucket or block.bucket or bucket}/{key}" for key in keys]


def _beginnings(text: Text) -> list[str]:
    """Return how what a text gives can begin: what stands in it before its first placeholder."""
    from labapp.dialects.rules import Choice

    if isinstance(text, Choice):
        templates = [*text.texts.values(), *([text.other] if text.other else [])]
    else:
        templates = [text]
    firsts = [(*one.parts, "")[0] for one in templates]
    return [first if isinstance(first, str) else "" for first in firsts]
