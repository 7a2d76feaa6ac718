"""Where every byte goes: one `Cloud` holds the clients, made for one set of settings.

botocore reads credentials once and keeps them, so a `Cloud` can `refresh` itself: new session, new
clients, and on the local cloud the address at which it listens now. Clients are safe to share
between threads; the first use of each makes it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labapp import settings as settings_room
from labapp.cloud import aws_setup, endpoints, identity
from labapp.cloud.abilities import Abilities
from labapp.cloud.aws_errors import own_cloud
from labapp.cloud.aws_setup import Keys
from labapp.cloud.credential_errors import Source
from labapp.cloud.direct.s3 import DirectS3
from labapp.cloud.direct.sqs import DirectSqs
from labapp.cloud.embedded import launcher
from labapp.cloud.place import MadeQueue, Place
from labapp.errors import (
    CertificateError,
    ClockError,
    CloudError,
    SettingError,
    UnreachableError,
)
from labapp.settings import Settings

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient
    from types_boto3_sts import STSClient

    from labapp.cloud.boto_session import BotoSession
    from labapp.cloud.embedded.state import Key

#: What helps where nobody tells the account that the bucket's name would hold.
_NAME_IT = "Name the bucket: --bucket NAME, LABAPP_BUCKET or a line in labapp.toml."

#: What helps where an STS is lacking.
_SET_STS = "Nothing needs it but what names the account; AWS_ENDPOINT_URL_STS says where one is."

#: The bucket of the local cloud, where no setting names another.
LOCAL_BUCKET = "labapp"


class Cloud:
    """The clients of one cloud, for one set of settings.

    Args:
        settings: `cloud`, `region`, `profile`, `endpoint_url`, `bucket` and `port` are read.
        start: whether a local cloud that is not running is started.
        hurried: whether a service that does not answer is given up soon.

    Raises:
        CredentialsError: the profile does not exist.
        EmbeddedCloudError: the local cloud does not come up.
        UnreachableError: the local cloud is not running, and `start` is false.
    """

    def __init__(self, settings: Settings, *, start: bool = True, hurried: bool = False) -> None:
        self.settings = settings
        #: Whether a service that does not answer is given up soon.
        self.is_hurried = hurried
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._opening = threading.Lock()
        self._opened: BotoSession | None = None
        self._bucket = settings.bucket
        self._owner = ""
        #: How the profile has buckets named, `path` or `virtual`; empty: by the address.
        self.style = ""
        self._profile = aws_setup.DEFAULT
        #: What AWS's files say of the profile in force.
        self.profile_lines: Mapping[str, Any] = {}
        self._key: Key | None = None
        #: The credentials, where they are known without botocore.
        self.keys: Keys | None = None
        #: What the endpoints were found to do or not; a refresh changes nothing of it.
        self.abilities = Abilities()
        #: Counts the refreshes, so that who keeps something made from a client knows to renew it.
        self.generation = 0
        #: The queues that were made here: services know them by name a minute later, at most.
        self.made_queues: dict[str, MadeQueue] = {}
        #: The addresses of queues that were found, for who uses them next.
        self.found_queues: dict[str, str] = {}
        #: SQS and S3 by the direct way, as far as it leads.
        self.direct_sqs, self.direct_s3 = DirectSqs(self), DirectS3(self)
        self._connect(start=start)

    @property
    def sqs(self) -> SQSClient:
        """The SQS client."""
        client: SQSClient = self.client("sqs")
        return client

    @property
    def s3(self) -> S3Client:
        """The S3 client."""
        client: S3Client = self.client("s3")
        return client

    @property
    def sts(self) -> STSClient:
        """The client of STS, which tells whose credentials these are; the local cloud has none.

        Raises:
            CloudError: there is none that could know them, as S3 and SQS are not Amazon's.
        """
        if not self.place.endpoints.have_sts:
            raise CloudError("no STS is set to ask whose credentials these are", _SET_STS)
        client: STSClient = self.client("sts")
        return client

    @property
    def is_local(self) -> bool:
        """Whether this is the embedded cloud of this machine."""
        return self.settings.cloud == "local"

    @property
    def bucket_name(self) -> str:
        """The bucket's name; on AWS, where none is set, one that holds the account's id.

        Raises:
            CredentialsError: AWS does not know us.
        """
        if not self._bucket:
            self._bucket = LOCAL_BUCKET if self.is_local else self._account_bucket()
        return self._bucket

    @property
    def known_bucket(self) -> str:
        """The bucket's name as far as it is known without asking AWS; else empty."""
        return self._bucket or (LOCAL_BUCKET if self.is_local else "")

    @property
    def known_queue(self) -> str:
        """A queue that whoever uses this cloud may look for, to see whether anything is allowed."""
        return self.settings.request_queue

    @property
    def bucket_owner(self) -> str:
        """The account that the bucket must belong to: ours, where the bucket's name is derived.

        Empty on the local cloud, and where a setting names the bucket: a lab may use another's.

        Raises:
            CredentialsError: AWS does not know us.
        """
        return self._owner if self.bucket_name else ""

    @property
    def account(self) -> str:
        """The account of the credentials in force, 12 digits.

        Raises:
            CredentialsError: AWS does not know us.
        """
        return identity.identity(self).account

    @property
    def home(self) -> Path:
        """The folder for what this machine keeps about this cloud: ledgers, locks, caches."""
        return settings_room.data_dir() / self.place.scope

    def credentials(self) -> Credentials | Keys:
        """Return the credentials in force.

        Raises:
            CredentialsError: there are none.
        """
        if self.keys:
            return self.keys
        found: Credentials = identity.require_credentials(self._session)
        return found

    @property
    def credential_source(self) -> Source:
        """Where the credentials in force come from, as far as it is known."""
        if self.keys:
            return identity.source_of_keys(self.keys, self._profile)
        return identity.source_of(self._session)

    def is_of(self, running: launcher.Running | None) -> bool:
        """Tell whether this is the local cloud that runs now: at the same address, by its key."""
        if running is None:
            return False
        return (running.endpoint_url, running.key) == (self.place.endpoint, self._key)

    def refresh(self) -> None:
        """Read credentials and address anew, and make new clients at their next use.

        Raises:
            CloudError: they cannot be read, such as a file that is just being written.
        """
        with self._lock:
            try:
                self._connect(start=False)
            except SettingError as error:  # it was right when this began
                raise CloudError(error.message, error.remedy) from error
            self._clients.clear()
            self.found_queues.clear()
            if self.is_local:  # it may be at another address now, and has another's queues
                self.made_queues.clear()
            self.generation += 1

    def _connect(self, *, start: bool) -> None:
        if self.is_local:
            home, port = local_home(), self.settings.port
            running = launcher.find(home)
            if running is None and start:
                if launcher.is_empty(home):  # what makes bucket and queues loads while it comes up
                    threading.Thread(target=_load_botocore, daemon=True).start()
                running = launcher.ensure(home, port)
            if running is None:
                raise launcher.of_another_version(home) or UnreachableError(
                    "the local cloud is not running", "Start it with 'python admin.py cloud start'."
                )
            self._key = running.key
            self._opened, self.keys = None, Keys(running.key.id, running.key.secret)
            own_cloud(running.endpoint_url)
            self.place = Place("local", launcher.REGION, endpoints.at(running.endpoint_url))
            return
        known = self.settings  # what is known without asking AWS whose keys these are
        opened, found = None, aws_setup.read(known)
        if found is None:
            opened = self._open_botocore(None)
            found = opened.setup()
        where = endpoints.configured(
            known.endpoint_url, os.environ, found.lines, found.sections, found.config_file
        )
        self._opened, self.keys, self._profile = opened, found.keys, found.profile
        self.profile_lines, style = found.lines, found.lines.get("s3", {})
        self.style = str(style.get("addressing_style", "")) if isinstance(style, dict) else ""
        # Whatever kinds of jobs there will be: who updates labapp finds the same folder again.
        queues = (known.request_queue, known.response_queue, known.image_inbox)
        self.place = Place("aws", found.region, where, (found.profile, known.bucket, *queues))

    @property
    def _botocore(self) -> BotoSession:
        """The session of botocore's that makes the clients; opened when it is first asked for."""
        with self._opening:
            if self._opened is None:
                self._opened = self._open_botocore(self.keys)
            return self._opened

    def _open_botocore(self, keys: Keys | None) -> BotoSession:
        from labapp.cloud.boto_session import BotoSession  # takes longer than most commands

        return BotoSession(self, keys)

    @property
    def _session(self) -> Any:
        """The session of boto3's, for who registers what its clients do."""
        return self._botocore.session

    def client(self, service: str) -> Any:
        """Return the client of a service, by boto3's name of it; it is made at its first use."""
        client = self._clients.get(service)
        if client is None:
            with self._lock:
                client = self._clients.get(service) or self._make(service)
                self._clients[service] = client
        return client

    def _make(self, service: str) -> Any:
        return self._botocore.client(service)

    def is_own(self, bucket: str) -> bool:
        """Tell whether a bucket is the lab's own; a dialect may name others."""
        return bucket == self._bucket

    def owner_of(self, bucket: str) -> str:
        """Return the account that a bucket must be of, as far as known; empty for any."""
        return self._owner if self.is_own(bucket) else ""

    def region_of(self, service: str) -> str:
        """Return the region of a service: S3's is the bucket's own, once that is known."""
        return (service == "s3" and self.abilities.bucket_region) or self.place.region

    def follow_bucket(self) -> None:
        """Have a client made for the region in which the bucket was found, once."""
        with self._lock:
            held = self._clients.get("s3")
            # Who still asks by an older client, as for the next page of a listing, says so again.
            if held and held.meta.region_name != self.abilities.bucket_region:
                del self._clients["s3"]
                self.generation += 1

    def _account_bucket(self) -> str:
        s3, sts = self.place.endpoints.s3, self.place.endpoints.sts
        if not (s3.is_amazons or sts.url):  # Amazon knows nothing of keys that are for elsewhere
            raise SettingError(
                f"the bucket at {s3.where} has no name, and no STS is set to ask whose account"
                " this is",
                _NAME_IT,
            )
        try:
            self._owner = self.account
        except CloudError as error:
            lasting = not isinstance(error, (UnreachableError, CertificateError, ClockError))
            if sts.is_amazons or not lasting:
                raise
            remedy = f"{error.remedy} {_NAME_IT}".strip()
            raise type(error)(f"{error.message}: {sts.where} may have no STS", remedy) from error
        return account_bucket(self._owner, self.place.region)


def _load_botocore() -> None:
    import labapp.cloud.boto_session  # noqa: F401 - it is loaded, and used by others


def account_bucket(account: str, region: str) -> str:
    """Return the name of an account's bucket in a region, where no setting names another."""
    return f"labapp-{account}-{region}"


def local_home() -> Path:
    """Return the folder in which the local cloud keeps its state, lock and log."""
    return settings_room.data_dir() / "local"
