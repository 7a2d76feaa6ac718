"""The lanes in short: their table, their end, and what services are started and ended with."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from labapp.cloud.session import Cloud
from tests.chaos.http11 import Exchange
from tests.clouds import environments, servers
from tests.clouds.account import KEYS, Account
from tests.clouds.lane import HEAD, Lane, Outcome, row
from tests.clouds.lanes import LANES
from tests.clouds.services import CONDITIONS
from tests.clouds.tour import CloudTour
from tests.support.commands import admin
from tests.support.ports import free_port


def test_a_row_has_a_cell_for_each_column() -> None:
    lane = Lane("x", "X 1", "delays", lambda *_: Outcome(0, 0))
    outcome = Outcome(2, 3, {"purge": "a | b\nc"}, {"a drop": "it has none"})

    line = row(lane, outcome, "2026-11-27")

    assert line == (
        "| X 1 | 2026-11-27 | 2 of 3 | purge: a \\| b c | delays; a drop (it has none) |"
    )
    assert line.replace("\\|", "").count("|") == HEAD.partition("\n")[0].count("|")


def test_each_lane_says_what_it_cannot_show() -> None:
    assert all(lane.cannot and lane.name == name for name, lane in LANES.items())


def test_a_tour_removes_all_that_a_lab_made(bare_cloud: Cloud, tmp_path: Path) -> None:
    assert admin("cloud", "up", "--bucket", "labapp-tour") == 0
    # moto reads no conditions: it takes 'nobody without TLS' for 'nobody'.
    bare_cloud.s3.delete_bucket_policy(Bucket="labapp-tour")
    account = Account({})
    account.send("requestQueue", "1,2", job="a")
    account.s3.put_object(Bucket="labapp-tour", Key="images/a", Body=b"1")
    account.s3.put_object(Bucket="labapp-tour", Key="images/a", Body=b"2")
    assert account.take("requestQueue") == ["1,2"]

    CloudTour(tmp_path / "tour", KEYS, account).remove()

    assert account.buckets() == account.queues("") == []


def test_a_step_that_leans_on_a_failed_one_is_not_tried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tour = CloudTour(tmp_path / "tour", KEYS, Account({}), {"c": "it has none"})
    taken: list[str] = []

    tour.step("a", tour.account.remove_queue, "none")
    tour.step("b", taken.append, "b", needs=["a"])
    tour.step("c", taken.append, "c")
    tour.step("d", taken.append, "d")

    assert taken == ["d"]
    assert (tour.held, tour.done, [*tour.failed]) == (1, 3, ["a", "b"])
    assert tour.lacking == {"c": "it has none"}
    assert "b: FAILS: not tried without a" in capsys.readouterr().out


def test_a_header_that_a_store_does_not_know_is_left_out() -> None:
    head = b"PUT /b/k HTTP/1.1\r\nIf-Match: x\r\nContent-Length: 2\r\n\r\n"
    request = Exchange("PUT /b/k HTTP/1.1", {"if-match": "x", "content-length": "2"}, head, b"ab")

    assert request.without(CONDITIONS) == b"PUT /b/k HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"
    assert request.without(frozenset({"expect"})) == request.raw


def test_a_service_is_awaited_and_ended(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    argv = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]

    with servers.served(argv, url, tmp_path / "server", {}, tmp_path):
        assert servers.answers(url)
        assert not servers.is_bound_beyond_loopback(port)

    assert not servers.answers(url)


def test_a_service_that_ends_is_told_with_its_last_words(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "raise SystemExit('no port')"]
    with (
        pytest.raises(servers.ServerError, match="no port"),
        servers.served(argv, f"http://127.0.0.1:{free_port()}", tmp_path, {}, tmp_path),
    ):
        pass


def test_an_environment_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr("shutil.which", lambda name: name)
    monkeypatch.setattr(environments, "_run", lambda argv, folder: ran.append(argv[-1]))

    for version in ("1", "1", "2"):
        environments.node_with(tmp_path, "x", [f"x@{version}"])

    assert ran == ["x@1", "x@2"]
