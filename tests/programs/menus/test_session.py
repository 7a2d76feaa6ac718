"""What stands on top of every page is where things really go."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prompt_toolkit.output import DummyOutput

from labapp import settings, utc
from labapp.cloud import endpoints
from labapp.cloud.embedded import launcher
from labapp.cloud.patience import Patience
from labapp.cloud.place import Place
from labapp.console import Back
from labapp.errors import CredentialsError, LabappError, UsageError
from labapp.programs import client_menu
from labapp.programs.cloud import status
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.menus import actions, welcome
from labapp.programs.menus import session as session_module
from labapp.programs.menus.actions import items_of
from labapp.programs.menus.progress_page import Work
from labapp.programs.menus.session import MenuSession
from labapp.programs.shell import exits
from labapp.programs.shell.context import Context
from labapp.worker import reports
from tests.support.waiting import PATIENCE, until


def header_of(**values: str) -> str:
    loaded = settings.load({"region": "eu-west-1", **values})
    return MenuSession(Context("admin.py", argparse.Namespace(), loaded), "admin").header().cloud


def test_another_address_than_amazons_is_in_the_header() -> None:
    assert header_of(cloud="aws", endpoint_url="http://127.0.0.1:4566") == "aws at 127.0.0.1:4566"
    assert header_of(cloud="aws") == "aws"
    assert header_of(cloud="local") == "local"


def test_renewed_credentials_are_taken_up_while_the_menu_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    renewed = threading.Event()
    place = Place("aws", "eu-west-1")
    cloud: Any = SimpleNamespace(
        is_local=False, refresh=renewed.set, place=place, bucket_name="lab"
    )

    def opened(menu: MenuSession, *, start: bool = True) -> Any:
        menu._cloud = cloud
        if not renewed.is_set():
            raise CredentialsError("the token has expired", "Renew the credentials.")
        return cloud

    monkeypatch.setattr(MenuSession, "open_cloud", opened)
    monkeypatch.setattr(session_module, "AFTER_TROUBLE", 0.01)
    monkeypatch.setattr(reports, "count_workers", lambda _: 1)
    loaded = settings.load({"cloud": "aws"})
    menu = MenuSession(Context("admin.py", argparse.Namespace(), loaded), "admin")
    menu.frame.painted.set()
    told: list[str] = []
    monkeypatch.setattr(menu._notices, "add", lambda notice, about: told.append(notice.text))
    dropped: list[str] = []
    monkeypatch.setattr(menu._notices, "drop", dropped.append)
    menu.start()
    try:
        assert renewed.wait(PATIENCE)
        until(lambda: dropped)
    finally:
        menu.close()
    assert set(told) == {"the token has expired. Renew the credentials."}
    assert set(dropped) == {session_module.BEHIND}, "what is mended is told no longer"


def test_what_nobody_foresaw_is_told_once_and_the_menu_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LABAPP_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(threading, "excepthook", exits.ThreadErrors(pytest.fail))
    monkeypatch.setattr(session_module, "AFTER_TROUBLE", 0.01)
    ticks = iter(range(9))
    last = threading.Event()

    def broken(menu: MenuSession, *, start: bool = True) -> Any:
        if next(ticks, None) is None:
            last.set()
        raise ZeroDivisionError

    monkeypatch.setattr(MenuSession, "open_cloud", broken)
    menu = MenuSession(Context("admin.py", argparse.Namespace(), settings.load({})), "admin")
    menu.frame.painted.set()
    menu.start()
    assert last.wait(PATIENCE)
    told = [one.text for one in menu.notices()]
    menu.close()
    assert len(told) == 1
    assert "ZeroDivisionError" in told[0]
    assert "ZeroDivisionError" in (tmp_path / "last-error.txt").read_text("utf-8")


def test_a_wrong_clock_is_announced_once_and_so_is_a_right_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded = settings.load({"cloud": "aws"})
    menu = MenuSession(Context("admin.py", argparse.Namespace(), loaded), "admin")
    told: list[str] = []
    monkeypatch.setattr(menu, "announce", lambda text, kind, about: told.append(f"{kind} {text}"))
    try:
        for lacking in (0.0, 7200.0, 7200.0, 0.0, 0.0):
            utc.correct(lacking)
            menu._tell_of_clock()
    finally:
        utc.correct(0.0)
    assert told == [
        "warning this machine's clock is 2 h behind: set it. Until then requests are signed with"
        " the right time",
        "info this machine's clock is right again",
    ]


def test_who_leaves_the_program_is_told_what_was_stopped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    menu = MenuSession(Context("admin.py", argparse.Namespace(), settings.load()), "admin")
    work = Work("uploading 3 pictures", 0)
    work.done("a.png uploaded", "uploaded")

    def end() -> None:
        assert work.stop.wait(PATIENCE)
        work.end()

    def left(*_: object, **__: object) -> None:
        menu.works.append(work)
        threading.Timer(0.0, end).start()
        raise KeyboardInterrupt

    monkeypatch.setattr("labapp.console.theme.is_interactive", lambda: True)
    monkeypatch.setattr("labapp.console.terminal.create_output", lambda _: DummyOutput())
    monkeypatch.setattr(actions, "run_menu", left)
    monkeypatch.setattr(menu, "_run_behind", lambda: None)
    with pytest.raises(KeyboardInterrupt):
        actions.run_session(menu, "", list, help_text="", first=lambda: None)
    assert capsys.readouterr().err == "stopped uploading 3 pictures: 1 uploaded\n"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"cloud": "local"}, "You are on the local cloud: everything runs on this machine"),
        (
            {"cloud": "aws", "endpoint_url": "http://127.0.0.1:4566"},
            "You are on the shared cloud at 127.0.0.1:4566",
        ),
        ({"cloud": "aws", "region": "eu-west-1", "profile": "lab"},
         "You are on AWS, in eu-west-1 with the profile lab"),
        ({"cloud": "aws", "endpoint_url": "https://sqs.eu-west-1.amazonaws.com"}, "You are on AWS"),
        (
            {"cloud": "aws", "endpoint_url": "https://minio.example"},
            "You are on the cloud at minio.example, with everybody else who uses it: whoever runs",
        ),
    ],
)  # fmt: skip
def test_the_welcome_names_the_cloud_that_it_is_on(values: dict[str, str], named: str) -> None:
    context = Context("client.py", argparse.Namespace(), settings.load(values))
    assert welcome.where(context).startswith(named)


def test_the_welcome_knows_what_the_profile_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "aws-config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    config.write_text(
        "[default]\nservices = x\n[services x]\nsqs =\n  endpoint_url = http://10.0.0.7:9324\n",
        encoding="utf-8",
    )
    context = Context("client.py", argparse.Namespace(), settings.load({"cloud": "aws"}))
    assert welcome.where(context).startswith("You are on AWS, but for SQS 10.0.0.7:9324: this")


def test_a_header_shows_the_address_in_force_as_soon_as_it_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    assert header_of(cloud="aws") == "aws at 127.0.0.1:4566"
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://minio.example")
    assert header_of(cloud="aws") == "aws at SQS 127.0.0.1:4566, S3 minio.example"
    assert header_of(cloud="local") == "local"
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    menu = MenuSession(
        Context("admin.py", argparse.Namespace(), settings.load({"cloud": "aws"})), "admin"
    )
    assert menu.header().cloud == "aws"
    place = Place("aws", "eu-west-1", endpoints.at("https://from-the-profile.example"))
    opened: Any = SimpleNamespace(is_local=False, place=place, bucket_name="lab")
    menu._cloud = opened
    assert menu.header().cloud == "aws at from-the-profile.example"


def test_at_a_cloud_elsewhere_users_start_workers_themselves() -> None:
    loaded = settings.load({"cloud": "aws", "endpoint_url": "http://minio.example:9000"})
    menu = ClientMenuSession(Context("client.py", argparse.Namespace(), loaded))
    told = {item.key: item.disabled for item in items_of(menu, client_menu.LINES)}
    assert told["w"] == (
        "on minio.example:9000, start one with: python server.py --cloud aws --endpoint-url"
        " http://minio.example:9000"
    )


def test_on_a_shared_cloud_nobody_is_told_to_start_what_is_its_teachers() -> None:
    loaded = settings.load({"cloud": "aws", "endpoint_url": "http://127.0.0.1:4566"})
    menu = ClientMenuSession(Context("client.py", argparse.Namespace(), loaded))
    told = {item.key: item.disabled for item in items_of(menu, client_menu.LINES)}
    assert "its teacher" in told["w"]
    with pytest.raises(UsageError, match="another's") as caught:
        status.only_local(loaded.settings)
    assert "teacher" in caught.value.remedy


def test_a_menu_is_drawn_anew_only_for_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    menu = MenuSession(Context("admin.py", argparse.Namespace(), settings.load({})), "admin")
    monkeypatch.setattr(menu.frame, "changed", lambda: drawn.append(1))
    menu.show_changes()
    menu.show_changes()
    assert len(drawn) == 1
    menu._workers = 1
    menu.show_changes()
    menu.show_changes()
    assert len(drawn) == 2
    menu.announce("done", "done")
    assert len(drawn) == 3


def test_a_look_from_behind_asks_the_cloud_nothing_while_its_process_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    menu = MenuSession(Context("admin.py", argparse.Namespace(), settings.load({})), "admin")
    place = SimpleNamespace(region="us-east-1", endpoint="http://127.0.0.1:4999")
    cloud: Any = SimpleNamespace(is_local=True, place=place, bucket_name="labapp")
    monkeypatch.setattr(launcher, "find", lambda home: pytest.fail("the cloud was asked"))
    monkeypatch.setattr(launcher, "seems_alive", lambda home, url: url == place.endpoint)
    menu._cloud = cloud
    assert all(menu.running_cloud() is cloud for _ in range(3))


def waiting_menu(monkeypatch: pytest.MonkeyPatch, *, leaves: bool) -> tuple[MenuSession, list[str]]:
    """Give a menu whose spinner shows what it says as often as the work tells of its wait."""
    shown: list[str] = []

    def wait_for(said: Any, poll: Any, **words: Any) -> Any:
        if leaves:
            words["stop"].set()
        result = poll()
        shown.append(said())
        return result

    monkeypatch.setattr("labapp.console.waiting.wait_for", wait_for)
    loaded = settings.load({"cloud": "aws"})
    return MenuSession(Context("admin.py", argparse.Namespace(), loaded), "admin"), shown


def test_a_page_that_waits_counts_down_what_it_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    menu, shown = waiting_menu(monkeypatch, leaves=False)

    def purge(patience: Patience) -> str:
        patience.told("q can be purged again", 41.5)
        return "purged"

    assert menu.wait_patiently("purging", purge) == "purged"
    assert shown == ["42 s at most until q can be purged again"]


def test_a_wait_that_is_left_is_given_up_and_nothing_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    menu, _ = waiting_menu(monkeypatch, leaves=True)
    done: list[str] = []

    def purge(patience: Patience) -> None:
        patience.sleep(1)
        done.append("purged")

    with pytest.raises(Back):
        menu.wait_patiently("purging", purge)
    assert done == []
    assert "purging was left, as it had to wait" in {notice.text for notice in menu.notices()}


def test_an_error_of_a_wait_that_was_left_is_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    def left(*_: object, late: Callable[[LabappError], object], **__: object) -> None:
        late(LabappError("the bucket is gone"))

    monkeypatch.setattr("labapp.console.waiting.wait_for", left)
    menu = MenuSession(Context("admin.py", argparse.Namespace(), settings.load({})), "admin")
    with pytest.raises(Back):
        menu.wait("reading the logs", lambda: None)
    told = [(one.text, one.kind) for one in menu.notices()]
    assert told == [("reading the logs: the bucket is gone", "failed")]
