"""boto3's session of a `Cloud`, and how its clients are made: imported when one is needed.

This is where boto3 and botocore come from, which take longer to import than most commands take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.credentials import Credentials
from botocore.handlers import add_expect_header

from labapp import addresses
from labapp.cloud import (
    aws_setup,
    bucket_owner,
    certificates,
    clock,
    identity,
    listed_keys,
    local_connections,
    proxies,
    regions,
    s3_dialect,
    signers,
)
from labapp.cloud.aws_errors import translated
from labapp.cloud.aws_setup import Keys, Setup
from labapp.cloud.client_config import client_config
from labapp.cloud.credential_probe import CredentialProbe
from labapp.cloud.embedded import launcher
from labapp.errors import SettingError

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: What has a session see nothing of the user's own AWS settings: no profile, no files.
_ALONE: Any = dict.fromkeys(("profile", "config_file", "credentials_file"), (None, [], None, None))


class BotoSession:
    """boto3's session for one cloud, as it is set now; a refresh has a new one made.

    Attributes:
        session: boto3's.

    Args:
        cloud: whose clients are made.
        keys: the credentials, where they are known; None where botocore is to find them.

    Raises:
        CredentialsError: the profile does not exist, or a file cannot be read.
    """

    def __init__(self, cloud: Cloud, keys: Keys | None) -> None:
        self._cloud = cloud
        signers.register()
        if cloud.is_local:
            self._core = botocore.session.Session(session_vars=_ALONE)
            self.session = boto3.Session(region_name=launcher.REGION, botocore_session=self._core)
        else:
            known = cloud.settings
            with translated("open the AWS session"):
                self._core = botocore.session.Session()
                self.session = boto3.Session(
                    profile_name=known.profile or None,
                    region_name=known.region or None,
                    botocore_session=self._core,
                )
            clock.register(self.session.events)
            CredentialProbe(cloud).register(self.session.events)
        if keys:  # botocore would look for them again, and may find others by now
            told = (keys.access_key, keys.secret_key, keys.token, keys.method)
            core: Any = self._core  # it takes credentials, but not where they come from
            core._credentials = Credentials(*told)

    def setup(self) -> Setup:
        """Return what is set for AWS's tools, whatever it is; the keys are left to botocore.

        Raises:
            CredentialsError: a file cannot be read, or lacks the profile.
        """
        with translated("open the AWS session"):
            region = self.session.region_name or aws_setup.REGION
            profile = self.session.profile_name
        with translated("read the AWS config file"):
            lines = self._core.get_scoped_config()
            sections = self._core.full_config.get("services", {})
            file = str(self._core.get_config_variable("config_file"))
        return Setup(region, profile, lines, sections, file)

    def client(self, service: str) -> Any:
        """Make the client of a service, by boto3's name of it.

        Raises:
            CertificateError, CredentialsError, SettingError: what is set cannot be used.
        """
        cloud = self._cloud
        endpoint = cloud.place.endpoints.of(service)
        try:
            if not cloud.is_local:
                identity.load(self.session)
                if not endpoint.is_plain:
                    certificates.check_trusted(self._core)
            with translated(f"open the {service} client"):
                client: Any = self.session.client(
                    service,  # type: ignore[call-overload] # a plain str, not one of its literals
                    region_name=cloud.region_of(service),
                    endpoint_url=endpoint.url or None,
                    config=client_config(endpoint, cloud.style, hurried=cloud.is_hurried),
                )
        except ValueError as error:  # botocore takes fewer names of hosts than one thinks
            raise SettingError(
                f"{endpoint.origin} is {endpoint.url!r}", f"It takes {addresses.TAKES}."
            ) from error
        if cloud.is_local:
            local_connections.prove(client, cloud.home)
        else:
            proxies.check(client)
            if not (endpoint.url or cloud.generation):  # later it was one, if the network is down
                regions.check(self.session, client)
        if service == "s3":
            self._teach(client)
        return client

    def _teach(self, client: Any) -> None:
        """Have a client of S3 do what labapp wants of it beside what botocore's does."""
        cloud = self._cloud
        # Without this, every PUT waits for '100 Continue' first: one more round trip a job.
        client.meta.events.unregister("before-call.s3", add_expect_header)
        listed_keys.attach(client)
        s3_dialect.attach(client, cloud.abilities, cloud.follow_bucket, cloud.is_own)
        bucket_owner.attach(client, cloud.owner_of)
