"""`admin.py cloud policies` prints what is pasted into IAM, and nothing else on standard output."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud import roles
from labapp.cloud.session import Cloud
from labapp.programs.cloud import menu
from labapp.settings import Settings
from tests.support.commands import admin

Capture = pytest.CaptureFixture[str]


def printed(capsys: Capture, *words: str) -> tuple[Any, str]:
    assert admin("cloud", "policies", *words) == 0
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_every_role_is_printed_and_one_alone_where_it_is_named(
    bare_cloud: Cloud, capsys: Capture
) -> None:
    found, told = printed(capsys)
    assert list(found) == [role.name for role in roles.ROLES]
    assert told == ""
    for name, policy in found.items():
        assert printed(capsys, "--role", name) == (policy, "")
        assert printed(capsys, "--role", name, "--json") == (policy, "")
    assert f"arn:aws:s3:::{bare_cloud.bucket_name}" in json.dumps(found["worker"])
    assert "arn:aws:sqs:us-east-1:123456789012:requestQueue" in json.dumps(found["worker"])


@pytest.mark.usefixtures("bare_cloud")
def test_a_person_is_named_by_a_tag_or_by_name(capsys: Capture) -> None:
    def own_queue(*words: str) -> tuple[str, str]:
        policy, told = printed(capsys, "--role", "client", *words)
        (own,) = (one for one in policy["Statement"] if one["Sid"] == "OwnAnswers")
        return own["Resource"].split(":", 5)[5], told

    assert own_queue() == ("responseQueue-${aws:PrincipalTag/labapp-client}-????????????", "")
    assert own_queue("--tag", "who")[0] == "responseQueue-${aws:PrincipalTag/who}-????????????"
    assert own_queue("--client", "anna") == ("responseQueue-anna-????????????", "")
    queue, told = own_queue("--client", "Anna B.")
    assert queue == "responseQueue-anna-b-????????????"
    assert "'anna-b'" in told
    assert own_queue("--client", "anna-0123456789ab")[0] == "responseQueue-anna-????????????"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--role", "worker", "--client", "anna"], "the role worker is the same for everybody"),
        (["--role", "admin", "--tag", "who"], "Leave out --tag"),
        (["--client", "..."], "no id begins with '...'"),
        (["--account", "1234"], "12 digits"),
    ],
)
def test_what_makes_no_policy_is_told(capsys: Capture, words: list[str], told: str) -> None:
    assert admin("cloud", "policies", *words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


def test_without_aws_the_place_of_the_account_is_named(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, told = printed(capsys, "--role", "labeller")
    assert "arn:aws:s3:::labapp-<account>-us-east-1" in json.dumps(found)
    assert "the local cloud has one key" in told
    assert printed(capsys, "--account", "111122223333")[1] == ""

    monkeypatch.setenv("LABAPP_CLOUD", "aws")
    monkeypatch.setenv("LABAPP_REGION", "eu-west-1")
    found, told = printed(capsys, "--role", "client")
    assert "arn:aws:sqs:eu-west-1:<account>:requestQueue" in json.dumps(found)
    assert "put your account's 12 digits for <account>, or say --account" in told
    found, told = printed(capsys, "--role", "client", "--account", "111122223333")
    assert "<account>" not in json.dumps(found)
    assert told == ""


def test_the_menu_shows_the_policy_of_the_role_that_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offered: list[str] = []
    pages: list[tuple[str, str]] = []

    def choose(title: str, lines: Any, **_: Any) -> Any:
        offered.extend(line.title for line in lines)
        return None if pages else lines[1]

    monkeypatch.setattr(menu, "choose", choose)
    monkeypatch.setattr(menu, "show", lambda title, body, **_: pages.append((title, body.plain)))
    session: Any = SimpleNamespace(
        context=SimpleNamespace(settings=Settings(region="eu-west-1")),
        wait=lambda _, action, *__: action(),
        frame=None,
    )
    menu.show_policies(session)
    assert offered[: len(roles.ROLES)] == [role.name for role in roles.ROLES]
    ((title, page),) = pages
    assert title == "Permissions: labeller"
    assert json.loads(page)["Statement"][0]["Sid"] == "List"
