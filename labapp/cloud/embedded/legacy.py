"""Take over what the local cloud kept before it had journal and files of its own.

MiniStack's own means laid an object down as a file under its key with a second one for what is
known of it, in `s3`, and wrote queues and settings to `sqs.json` and `s3.json` now and then.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

from labapp.cloud.embedded.journal import name_aside
from labapp.cloud.embedded.s3 import Store
from labapp.files import replacing

_log = logging.getLogger("labapp.local")


def take_over_queues(sqs: Any, state: Path, journal: Path) -> None:
    """Have MiniStack's SQS module hold the queues of `sqs.json`, unless a journal has them.

    A journal that is empty has not: the disk was full, or a kill came, when they were to go there.
    """
    if not journal.exists() or not journal.stat().st_size:
        sqs.restore_state(_saved(state / "sqs.json"))


def take_over_objects(s3: Any, store: Store, old: Path, state: Path) -> None:
    """Write the buckets and objects of `s3` and `s3.json` as they are kept now.

    Each object leaves its old place once it is in the new one, so there need be room for one only,
    and whatever ends this, the next start goes on with it.

    Raises:
        OSError: one cannot be written.
    """
    if not old.is_dir() and not (state / "s3.json").exists():
        return
    s3.restore_state(_saved(state / "s3.json"))
    s3.DATA_DIR, s3.S3_PERSIST = str(old), True
    s3._load_persisted_data()
    s3.S3_PERSIST = False
    for values in (s3._bucket_versioning, s3._object_versions):  # of which only the last was kept
        values._data.clear()
    for (account, bucket), found in list(s3._buckets._data.items()):
        objects = store.adopt(account, bucket)
        for key, record in found["objects"].items():
            body = old / account / bucket / key
            facts = body.with_name(f"{body.name}.meta.json")
            if facts.exists() or not key.endswith(".tmp"):  # else a kill in mid write left it
                objects[key_of(key)] = {**record, "body": body.read_bytes()}
                replacing.remove(facts, missing_ok=True)
            replacing.remove(body)
    for values in (s3._buckets, *s3._PERSISTED_BUCKET_DICTS.values()):
        values._data.clear()
    replacing.remove(state / "s3.json", missing_ok=True)
    replacing.clear_away(old)
    _log.info("what an earlier labapp had stored is kept in its new form")


def key_of(found: str, separator: str = os.sep) -> str:
    """Return the key of what MiniStack found under a path, which it names by the platform's rules.

    On POSIX a backslash is one of the key's own.
    """
    return found.replace(separator, "/")


def _saved(path: Path) -> Any:
    from ministack.core import persistence

    try:
        found = json.loads(path.read_text("utf-8"), object_hook=persistence._json_object_hook)
        return found.get("payload", found)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        aside = name_aside(path)
        replacing.move(path, aside)
        _log.error("%s is damaged (%s), and is now %s", path, error, aside)
        return None
