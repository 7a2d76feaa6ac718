"""A lab's session that ends while a stack is made is told as that, and its renewal waited for.

Asked are the clients themselves, as AWS denies them everything but who they are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from labapp.cloud.fleet import change_sets, fleet, group
from labapp.cloud.fleet.following import follow
from labapp.cloud.session import Cloud
from labapp.errors import SessionEndedError
from labapp.settings import Settings
from tests.cloud.fleet import kit
from tests.support import ministack_aws

_DENIED = (
    "User: arn:aws:sts::000000000000:assumed-role/voclabs/user1=anna is not authorized to perform"
    " this with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/voc-cancel-cred"
)


class Lab:
    """Stands between clients and MiniStack; `is_over` has everything denied."""

    def __init__(self) -> None:
        self.is_over = False

    def answer(self, request: Any, **_: object) -> Any:
        body = request.body or b""
        is_who = b"GetCallerIdentity" in (body if isinstance(body, bytes) else b"")
        if not self.is_over or is_who:
            return ministack_aws.answer(request)
        error = f"<Error><Code>AccessDenied</Code><Message>{_DENIED}</Message></Error>"
        whole = f"<ErrorResponse>{error}</ErrorResponse>".encode()
        headers = HTTPHeaders()
        headers["Content-Type"] = "text/xml"
        return AWSResponse(request.url, 403, headers, ministack_aws._Body(whole))


@pytest.fixture
def lab(aws: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Cloud, Lab]:
    """Give a lab's account, whose credentials are in a file, with clients of its own."""
    path = tmp_path / "credentials"
    path.write_text("[default]\naws_access_key_id = ASIA1\naws_secret_access_key = x\n", "utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    between = Lab()
    monkeypatch.setattr(ministack_aws, "_clients", {})
    connect = Cloud._connect

    def connected(cloud: Cloud, *, start: bool) -> None:
        connect(cloud, start=start)
        cloud._session.events.unregister("before-send", ministack_aws.answer)
        cloud._session.events.register("before-send", between.answer)

    monkeypatch.setattr(Cloud, "_connect", connected)
    return Cloud(Settings(cloud="aws", region="us-east-1")), between


def test_it_is_told_as_that_by_each_service(lab: tuple[Cloud, Lab]) -> None:
    cloud, between = lab
    planned = kit.planned(cloud)
    between.is_over = True
    for act in (
        lambda: fleet.look(cloud),
        lambda: group.describe(cloud),
        lambda: change_sets.execute(cloud, planned),
        lambda: kit.planned(cloud),
    ):
        with pytest.raises(SessionEndedError, match="the lab session is over") as caught:
            act()
        assert "copy its new credentials" in caught.value.remedy
        assert caught.value.exit_code == 4


def test_a_stack_is_followed_to_its_end_once_they_are_renewed(
    lab: tuple[Cloud, Lab], tmp_path: Path
) -> None:
    cloud, between = lab
    planned = kit.planned(cloud)
    change_sets.execute(cloud, planned)
    between.is_over = True
    generation = cloud.generation
    sleeps = 0

    def sleep(_: float) -> None:
        nonlocal sleeps
        sleeps += 1
        if sleeps == 3:
            between.is_over = False
            renewed = "[default]\naws_access_key_id = ASIA2\naws_secret_access_key = yy\n"
            (tmp_path / "credentials").write_text(renewed, "utf-8")

    looks = list(follow(cloud, planned.stack, sleep=sleep))
    assert [type(one.trouble) for one in looks[:3]] == [SessionEndedError] * 3
    assert (looks[-1].status, looks[-1].trouble) == ("CREATE_COMPLETE", None)
    assert cloud.generation > generation
    assert cloud.credentials().access_key == "ASIA2"
