"""What the local cloud's S3 keeps, whatever ends its process.

MiniStack has objects, settings and uploads in memory. Here each is a file, replaced in one step
before the request that changed it is answered; what cannot be written is undone and refused, as
`disk` tells. Of an object, tags, access list, retention and legal hold go into its own
file. Versions are refused at the door: MiniStack has the bytes of all of them in memory.

A notification is in its queue, and in the journal, before the object is acknowledged.
"""

from __future__ import annotations

import errno
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from labapp.cloud.embedded.disk import CODE, STATUS, Disk
from labapp.cloud.embedded.journal import name_aside
from labapp.cloud.embedded.launcher import REGION
from labapp.cloud.embedded.objects import Objects, Record, clear, read_file, write_file
from labapp.cloud.embedded.one_account import ACCOUNT
from labapp.cloud.embedded.queues import Queues
from labapp.cloud.embedded.state import NEWER, NewerError
from labapp.files import replacing

Answer = tuple[int, dict[str, str], bytes]
Dispatch = Callable[[str, str, str, dict[str, str], bytes, dict[str, Any]], Answer]

#: The form of the files; a higher one is not read.
FORMAT = 1

#: In a bucket's folder: what is kept of the bucket itself, its objects, and uploads in parts.
BUCKET_FILE, OBJECTS_FOLDER, UPLOADS_FOLDER = "bucket.json", "objects", "uploads"

#: In the folder of an upload: what is kept of it beside its parts.
UPLOAD_FILE = "upload.json"


_log = logging.getLogger("labapp.local")


class Store:
    """Keeps what is in MiniStack's S3 module, already imported, in files.

    Args:
        s3: the module.
        folder: where the files lie.
        disk: told of what cannot be written.
        queues: which keep the notifications.
    """

    def __init__(self, s3: Any, folder: Path, disk: Disk, queues: Queues) -> None:
        from ministack.core import persistence, responses

        self._s3 = s3
        self._root = folder
        self._disk = disk
        self._queues = queues
        self._error: Callable[[str, str, int, str], Answer] = s3._error
        self._account: Callable[[], str] = responses.get_account_id
        self._json = {"default": persistence._json_default}  # settings have bytes in them
        self._unjson: Any = persistence._json_object_hook
        self._undelivered: OSError | None = None

    def load(self) -> list[Path]:
        """Read buckets, objects and uploads back, and keep what changes from now on.

        Returned are the files that are damaged, whose objects or uploads are left out.

        Raises:
            OSError: they cannot be read.
            NewerError: a bucket was written by a newer labapp.
        """
        left_out = []
        for place in ("*/*.part", f"*/*/{UPLOADS_FOLDER}/*.part"):
            for left in self._root.glob(place):  # by a kill while it was being deleted
                replacing.clear_away(left)
        self._adopt_of_other_accounts()
        for file in self._root.glob(f"*/*/{BUCKET_FILE}"):
            account = file.parent.parent.name
            bucket, facts = _facts_in(file)
            objects = self._objects(account, bucket)
            self._set_facts(account, bucket, facts, objects)
            left_out += objects.load(partial(self._set_more, account, bucket))
            for upload in file.parent.glob(f"{UPLOADS_FOLDER}/*/{UPLOAD_FILE}"):
                try:
                    self._load_upload(account, upload)
                except (ValueError, TypeError, LookupError, RecursionError) as error:
                    _log.error("the upload in %s is damaged, and left out: %s", upload, error)
                    left_out.append(upload)
        self._install()
        return left_out

    def adopt(self, account: str, bucket: str) -> Objects:
        """Write down a bucket that MiniStack has; return where its objects are to be put.

        Raises:
            OSError: it cannot be written.
        """
        self._keep_bucket(account, bucket, self._facts(account, bucket))
        return self._objects(account, bucket)

    def _adopt_of_other_accounts(self) -> None:
        """Take over the buckets that were kept by account, once; ours of the same name stays."""
        for folder in self._root.glob("*/b-*"):
            if not (here := self._root / ACCOUNT / folder.name).exists():
                here.parent.mkdir(exist_ok=True)
                replacing.move(folder, here)

    def _install(self) -> None:
        s3 = self._s3
        s3._dispatch = self._dispatching(s3._dispatch)
        s3._read_body = self._body
        # The gate verifies addresses with the cloud's own key; MiniStack would with one of its own.
        s3._verify_presigned_sigv4 = lambda *request: None
        s3._fire_s3_event_async = s3._fire_s3_event
        s3._fire_s3_test_event_async = s3._fire_s3_test_event
        s3._deliver_event_to_sqs = self._delivering(s3._deliver_event_to_sqs)

    def _dispatching(self, dispatch: Dispatch) -> Dispatch:
        def dispatching(
            method: str,
            bucket: str,
            key: str,
            headers: dict[str, str],
            body: bytes,
            query: dict[str, Any],
        ) -> Answer:
            go = partial(dispatch, method, bucket, key, headers, body, query)
            if method in ("GET", "HEAD") or not bucket:
                try:
                    return go()
                except OSError as error:
                    return self._passing(error, f"/{bucket}/{key}")
            if not key and _wants_versions(method, headers, query):
                text = "the local cloud keeps no versions of objects"
                return self._error("NotImplemented", text, 501, f"/{bucket}")
            keep = self._in_bucket if not key else self._of_object
            if "uploads" in query or "uploadId" in query:
                keep = self._in_upload
            self._undelivered = None
            try:
                with keep(bucket, key, query):
                    done = go()
                if self._undelivered:
                    raise self._undelivered
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):  # no fault of the disk's
                    return self._passing(error, f"/{bucket}/{key}")
                text = self._disk.note_refusal(error, len(body))
                return self._error(CODE, text, STATUS, f"/{bucket}/{key}")
            return done

        return dispatching

    def _passing(self, error: OSError, resource: str) -> Answer:
        """Return the answer to a file that is gone, or one too many that is open."""
        _log.error("%s: %s", resource, error)
        return self._error("InternalError", error.strerror or str(error), 500, resource)

    @contextmanager
    def _in_bucket(self, bucket: str, key: str, query: Any) -> Iterator[None]:
        """Keep what the block changes of a bucket's settings, or undo it."""
        account = self._account()
        place = (account, bucket)
        before = self._facts(account, bucket)
        objects = self._s3._buckets._data[place]["objects"] if before else None
        yield
        after = self._facts(account, bucket)
        if after == before:
            return
        try:
            if not after:
                clear(self._folder(account, bucket))
                return
            if not before:
                self._s3._buckets._data[place]["objects"] = self._objects(account, bucket)
            self._keep_bucket(account, bucket, after)
        except OSError:
            self._set_facts(account, bucket, before, objects)
            raise

    @contextmanager
    def _of_object(self, bucket: str, key: str, query: Any) -> Iterator[None]:
        """Keep what the block changes of an object beside its bytes, or undo it."""
        account = self._account()
        before = self._more(account, bucket, key)
        yield
        if (after := self._more(account, bucket, key)) == before:
            return
        record = self._s3._buckets._data.get((account, bucket))
        if record is None or key not in record["objects"]:
            return
        try:
            record["objects"].rewrite(key)
        except OSError:
            self._set_more(account, bucket, key, dict.fromkeys(after) | before)
            raise

    @contextmanager
    def _in_upload(self, bucket: str, key: str, query: dict[str, Any]) -> Iterator[None]:
        """Keep what the block changes of an upload in parts, or undo it."""
        account, uploads = self._account(), self._s3._multipart_uploads
        before = dict(uploads._data)
        number = self._s3._qp(query, "uploadId")
        parts = dict(uploads[number]["parts"]) if number in uploads else {}
        yield
        folder = self._folder(account, bucket) / UPLOADS_FOLDER / number
        try:
            for (_, name), upload in uploads._data.items():
                if (account, name) not in before:
                    self._keep_upload(account, name, upload)
            if number in uploads:
                for place, part in uploads[number]["parts"].items():
                    if part is not parts.get(place):
                        facts = {name: part[name] for name in part if name != "body"}
                        write_file(folder / str(place), facts, part["body"])
            elif (account, number) in before:
                clear(folder)
        except OSError:
            uploads._data.clear()
            uploads._data.update(before)
            if number in uploads:
                uploads[number]["parts"] = parts
            raise

    def _delivering(self, deliver: Callable[[str, Any, str], None]) -> Any:
        """Keep a notification; MiniStack would only log that it cannot be kept."""

        def delivering(arn: str, event: Any, region: str) -> None:
            queue = self._queues.by_arn(arn)
            if queue is None:  # deleted meanwhile, which MiniStack says in its log
                deliver(arn, event, region)
                return
            before = len(queue["messages"])
            deliver(arn, event, region)
            try:
                self._queues.keep_sent(queue, before)
            except OSError as error:
                self._undelivered = error

        return delivering

    def _body(self, bucket: str, key: str, record: Record) -> bytes:
        objects: Objects = self._s3._buckets[bucket]["objects"]
        return objects.body(key)

    # Files, and what they hold.

    def _folder(self, account: str, bucket: str) -> Path:
        # Windows keeps some names for itself (`aux`), whatever comes behind; none begins so.
        return self._root / account / f"b-{bucket}"

    def _objects(self, account: str, bucket: str) -> Objects:
        folder = self._folder(account, bucket) / OBJECTS_FOLDER
        return Objects(folder, lambda key: self._more(account, bucket, key))

    def _facts(self, account: str, bucket: str) -> str:
        """Return all that is kept of a bucket beside its objects; empty where there is none."""
        place = (account, bucket)
        found = self._s3._buckets._data.get(place)
        if found is None:
            return ""
        kept = self._s3._PERSISTED_BUCKET_DICTS
        return json.dumps(
            {
                "form": FORMAT,
                "name": bucket,
                "record": {name: value for name, value in found.items() if name != "objects"},
                "settings": {
                    name: values._data[place]
                    for name, values in kept.items()
                    if place in values._data
                },
            },
            **self._json,
        )

    def _set_facts(self, account: str, bucket: str, facts: str, objects: Objects | None) -> None:
        place = (account, bucket)
        found = json.loads(facts, object_hook=self._unjson) if facts else {"settings": {}}
        for name, values in self._s3._PERSISTED_BUCKET_DICTS.items():
            values._data.pop(place, None)
            if name in found["settings"]:
                values._data[place] = found["settings"][name]
        self._s3._buckets._data.pop(place, None)
        if facts:
            self._s3._buckets._data[place] = {**found["record"], "objects": objects}

    def _keep_bucket(self, account: str, bucket: str, facts: str) -> None:
        replacing.write_text(self._folder(account, bucket) / BUCKET_FILE, facts)

    def _more(self, account: str, bucket: str, key: str) -> dict[str, Any]:
        """Return what is kept of an object beside its record."""
        return {
            name: values._data[account, place]
            for name, values, place in self._kinds(bucket, key)
            if (account, place) in values._data
        }

    def _set_more(self, account: str, bucket: str, key: str, more: dict[str, Any]) -> None:
        for name, values, place in self._kinds(bucket, key):
            if more.get(name) is not None:
                values._data[account, place] = more[name]
            elif name in more:
                values._data.pop((account, place), None)

    def _kinds(self, bucket: str, key: str) -> tuple[tuple[str, Any, Any], ...]:
        s3 = self._s3
        return (
            ("tags", s3._object_tags, (bucket, key, None)),
            ("acl", s3._object_acl, (bucket, key, None)),
            ("retention", s3._object_retention, (bucket, key)),
            ("hold", s3._object_legal_hold, (bucket, key)),
        )

    def _keep_upload(self, account: str, number: str, upload: Record) -> None:
        facts = {name: value for name, value in upload.items() if name != "parts"}
        folder = self._folder(account, upload["bucket"]) / UPLOADS_FOLDER / number
        replacing.write_text(folder / UPLOAD_FILE, json.dumps({"form": FORMAT, "upload": facts}))

    def _load_upload(self, account: str, file: Path) -> None:
        found = json.loads(file.read_text("ascii"))
        if found["form"] > FORMAT:
            raise ValueError(f"it {NEWER}")
        upload = {**found["upload"], "parts": {}}
        for part in file.parent.iterdir():
            if part.suffix == ".part":
                replacing.remove(part)
            elif part != file:
                facts, body = read_file(part)
                upload["parts"][int(part.name)] = {**json.loads(facts), "body": body}
        self._s3._multipart_uploads._data[account, file.parent.name] = upload


def _facts_in(file: Path) -> tuple[str, str]:
    """Return a bucket's name and what is kept of it; where that is damaged, as if made anew.

    The objects are each in a file of their own, and are there all the same.

    Raises:
        OSError: the file cannot be read, or not be set aside.
        NewerError: a newer labapp wrote it.
    """
    try:
        facts = file.read_text("ascii")
        found = json.loads(facts)
        if found.get("form", FORMAT) > FORMAT:
            raise NewerError(f"the bucket {file.parent.name.removeprefix('b-')}")
        name, _ = str(found["name"]), {**found["record"], **found["settings"]}
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        aside = name_aside(file)
        shutil.copyfile(file, aside)
        _log.error("%s is damaged (%s); the bucket has no settings, a copy is %s",
                   file, error, aside)  # fmt: skip
    else:
        return name, facts
    name = file.parent.name.removeprefix("b-")
    record = {"created": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z}", "region": REGION}
    facts = json.dumps({"form": FORMAT, "name": name, "record": record, "settings": {}})
    replacing.write_text(file, facts)
    return name, facts


def _wants_versions(method: str, headers: dict[str, str], query: dict[str, Any]) -> bool:
    locked = headers.get("x-amz-bucket-object-lock-enabled", "").lower() == "true"
    return method == "PUT" and ("versioning" in query or locked)
