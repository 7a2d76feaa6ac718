"""Facts about S3: conditions, drops, TLS, regions, Object Lock, lifecycle."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config

from tests.aws.facts import Fact, Found, code_of
from tests.aws.trial import Trial, session_in, tag_set

#: Writers who each add a line to one object, by compare-and-swap, in the same moment.
WRITERS = 8

#: An ETag that no object has.
WRONG = f'"{"0" * 32}"'


def conditions(trial: Trial) -> Found:
    """Write on conditions that do not hold."""
    s3, bucket, key = trial.account.s3, trial.names.bucket, "labels/conditions.txt"
    s3.put_object(Bucket=bucket, Key=key, Body=b"")
    none = code_of(lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"", IfNoneMatch="*"))
    match = code_of(lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"", IfMatch=WRONG))
    holds = none.startswith("412") and match.startswith("412")
    return Found(f"If-None-Match: * {none}; If-Match {match}", holds)


def swaps(trial: Trial) -> Found:
    """Have several write one object by compare-and-swap, and count what is lost."""
    s3, bucket, key = trial.account.s3, trial.names.bucket, "labels/swaps.txt"
    s3.put_object(Bucket=bucket, Key=key, Body=b"")
    refused: list[str] = []

    def add(number: int) -> None:
        for _ in range(10 * WRITERS):
            read = s3.get_object(Bucket=bucket, Key=key)
            body = read["Body"].read() + f"{number}\n".encode()
            put = partial(s3.put_object, Bucket=bucket, Key=key, Body=body, IfMatch=read["ETag"])
            code = code_of(put)
            if code == "done":
                return
            refused.append(code.split(" ")[0])

    with ThreadPoolExecutor(WRITERS) as crowd:
        list(crowd.map(add, range(WRITERS)))
    kept = s3.get_object(Bucket=bucket, Key=key)["Body"].read().split()
    told = ", ".join(f"{code} {refused.count(code)} times" for code in sorted(set(refused)))
    words = f"{len(set(kept))} of {WRITERS} kept; refused: {told or 'none'}"
    return Found(words, len(set(kept)) == WRITERS and {*refused} <= {"409", "412"})


def drop(trial: Trial) -> Found:
    """Put an object where drops are told of, and see when the queue has heard; no worker yet."""
    account, name = trial.account, "proof.jpg"
    inbox = trial.names.queues["LABAPP_IMAGE_INBOX"]
    account.take(inbox)  # S3's test event
    account.s3.put_object(Bucket=trial.names.bucket, Key=f"drop/invert/{name}", Body=b"no picture")

    def heard() -> bool:
        return any(name in body for body in account.take(inbox))

    waited = trial.seconds_until(heard)
    if waited is None:
        return Found(f"not heard of in {trial.patience:.0f} s", False)
    return Found(f"told after {waited:.1f} s", True)


def tls(trial: Trial) -> Found:
    """Ask for the bucket without TLS."""
    endpoint = trial.account.s3.meta.endpoint_url
    if urlsplit(endpoint).scheme != "https":
        return Found(f"{endpoint} has no TLS, and no such policy is set there", None)
    session = trial.account.session
    bare: Any = session.client("s3", use_ssl=False, region_name=trial.region)
    code = code_of(lambda: bare.list_objects_v2(Bucket=trial.names.bucket, MaxKeys=1))
    return Found(code, code.startswith("403"))


def far_bucket(trial: Trial) -> Found:
    """Make a bucket in another region, and ask for it here; then with labapp."""
    name, far = trial.names.far, trial.far_region
    there: Any = session_in(trial, far).client("s3")
    there.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": far})
    there.put_bucket_tagging(Bucket=name, Tagging=tag_set(trial))
    status, region = _head(trial, name)
    code, out, err = trial.program(["admin.py", "cloud", "status", "--bucket", name])
    told = far in out + err
    words = f"{status}, x-amz-bucket-region {region or 'not told'}; labapp names the region: "
    return Found(
        f"{words}{'yes' if told else 'no'} (exit code {code})", (status, region) == (301, far)
    )


def _head(trial: Trial, bucket: str) -> tuple[int, str]:
    """Ask for a bucket in this region without following where that sends; status and region."""
    endpoint = trial.account.s3.meta.endpoint_url
    credentials, url = trial.account.session.get_credentials(), f"{endpoint}/{bucket}"
    if credentials is None:
        return 0, ""
    request = AWSRequest("HEAD", url)
    S3SigV4Auth(credentials, "s3", trial.region).add_auth(request)
    asked = urllib.request.Request(url, method="HEAD", headers=dict(request.headers))
    try:
        with _still().open(asked, timeout=30) as answer:
            return answer.status, str(answer.headers.get("x-amz-bucket-region", ""))
    except urllib.error.HTTPError as error:
        return error.code, str(error.headers.get("x-amz-bucket-region", ""))


def _still() -> urllib.request.OpenerDirector:
    class Stays(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    return urllib.request.build_opener(Stays)


def locked(trial: Trial) -> Found:
    """Write into a bucket with Object Lock without a checksum: nothing may be stored."""
    session, name = trial.account.session, trial.names.locked
    config = Config(
        request_checksum_calculation="when_required", s3={"payload_signing_enabled": True}
    )
    s3: Any = session.client("s3", region_name=trial.region, config=config)
    where: Any = (
        {}
        if trial.region == "us-east-1"
        else {"CreateBucketConfiguration": {"LocationConstraint": trial.region}}
    )
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True, **where)
    s3.put_bucket_tagging(Bucket=name, Tagging=tag_set(trial))
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket=name,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
    )
    stored: dict[str, Any] = {}
    code = code_of(lambda: stored.update(s3.put_object(Bucket=name, Key="a", Body=b"a")))
    if version := stored.get("VersionId"):
        s3.delete_object(Bucket=name, Key="a", VersionId=version, BypassGovernanceRetention=True)
    return Found(code, code.startswith("400"))


def lifecycle(trial: Trial) -> Found:
    """Read the rules that 'cloud up' has set."""
    s3 = trial.account.s3
    began, rules = time.monotonic(), []

    def there() -> bool:
        code = code_of(
            lambda: rules.extend(
                s3.get_bucket_lifecycle_configuration(Bucket=trial.names.bucket)["Rules"]
            )
        )
        return code == "done"

    if trial.seconds_until(there) is None:
        return Found("no rules", False)
    ids = sorted({str(rule.get("ID")) for rule in rules})
    return Found(f"{', '.join(ids)} after {time.monotonic() - began:.1f} s", bool(ids))


BUCKET_FACTS = (
    Fact(
        "conditions that do not hold",
        "412 for If-None-Match and If-Match",
        "Add preconditions to S3 operations, user guide",
        conditions,
        ("s3:PutObject",),
    ),
    Fact(
        f"{WRITERS} writers, compare-and-swap",
        "none is lost; refused by 412 or 409",
        "Prevent object overwrites with conditional writes, user guide",
        swaps,
        ("s3:GetObject",),
    ),
    Fact(
        "a drop",
        "the queue is told, mostly within seconds",
        "Amazon S3 Event Notifications, user guide",
        drop,
        ("sqs:ReceiveMessage", "sqs:DeleteMessage"),
    ),
    Fact(
        "a request without TLS",
        "403",
        "Security best practices for Amazon S3, user guide",
        tls,
        ("s3:ListBucket",),
    ),
    Fact(
        "lifecycle rules of cloud up",
        "accepted, and read back",
        "PutBucketLifecycleConfiguration, Amazon S3 API Reference",
        lifecycle,
        ("s3:GetLifecycleConfiguration",),
    ),
    Fact(
        "a bucket in another region",
        "301 with x-amz-bucket-region",
        "Methods for accessing a general purpose bucket, user guide",
        far_bucket,
        ("s3:CreateBucket", "s3:PutBucketTagging", "s3:DeleteBucket"),
    ),
    Fact(
        "Object Lock, a write without a checksum",
        "400, nothing stored",
        "PutObject, Amazon S3 API Reference",
        locked,
        ("s3:PutBucketObjectLockConfiguration", "s3:BypassGovernanceRetention"),
    ),
)
