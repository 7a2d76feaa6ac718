"""Connections are kept while they are good, and no request is sent twice that may not be."""

from __future__ import annotations

import os
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.direct import answers, connections
from labapp.cloud.direct.connections import Address, Connections, NoAnswerError
from labapp.cloud.direct.route import _trusting
from labapp.cloud.time_limits import TimeLimits
from tests.cloud.direct.scripted import CLOSE, SILENCE, Scripted, answer, scripted
from tests.support import tls
from tests.support.waiting import PATIENCE, until

LIMITS = TimeLimits(connect=2, read=2, attempts=1)
HEAD, BODY = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n", b"{}"


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as one:
        yield one


def to(server: Scripted, **more: Any) -> Connections:
    return Connections(Address("127.0.0.1", server.port, **more), LIMITS)


def ask(kept: Connections, *, repeatable: bool = True) -> int:
    return kept.exchange(HEAD, BODY, 1000, repeatable=repeatable).status


def test_one_connection_serves_one_request_after_another(server: Scripted) -> None:
    kept = to(server)
    assert [ask(kept) for _ in range(3)] == [200] * 3
    assert server.connections == 1
    assert server.asked[2] == (HEAD.decode().removesuffix("\r\n\r\n"), BODY)


def test_connections_for_several_requests_are_made_side_by_side(server: Scripted) -> None:
    together = threading.Barrier(3)
    kept = to(server, prove=lambda _: together.wait(PATIENCE))
    kept.prepare(3)
    sent = [kept.send(HEAD, BODY) for _ in range(3)]
    assert [kept.answer(one, 1000, repeatable=True).status for one in sent] == [200] * 3
    kept.prepare(3)
    assert server.connections == 3, "those that are there serve again"


def test_where_one_cannot_be_made_it_is_said_before_a_request_is_sent(server: Scripted) -> None:
    def refuse(_: socket.socket) -> None:
        raise OSError("a stranger")

    kept = to(server, prove=refuse)
    with pytest.raises(NoAnswerError, match="a stranger"):
        kept.prepare(2)
    assert not server.asked


def test_a_connection_that_is_to_end_is_not_used_again(server: Scripted) -> None:
    kept = to(server)
    server.script = [answer(200, b"", "Connection: close")]
    assert [ask(kept), ask(kept)] == [200, 200]
    assert server.connections == 2


@pytest.mark.parametrize("polls", [True, False])
def test_one_that_was_closed_while_idle_is_seen_before_a_request_is_lost(
    server: Scripted, monkeypatch: pytest.MonkeyPatch, polls: bool
) -> None:
    if not polls:  # as on Windows
        monkeypatch.delattr(select, "poll", raising=False)
    kept = to(server)
    server.close_idle = True
    for _ in range(3):
        assert ask(kept, repeatable=False) == 200
        until(lambda: not kept._idle or connections._has_come(kept._idle[0]._socket))
    assert len(server.asked) == 3


@pytest.mark.parametrize("repeatable", [True, False])
def test_one_that_ends_under_a_request_is_asked_once_more_if_that_may_be(
    server: Scripted, repeatable: bool
) -> None:
    kept = to(server)
    server.script = [answer(200), CLOSE]
    ask(kept)
    if repeatable:
        assert ask(kept) == 200
    else:
        with pytest.raises(NoAnswerError) as told:
            ask(kept, repeatable=False)
        assert told.value.was_kept
    assert len(server.asked) == 2 + repeatable


@pytest.mark.parametrize(
    "said", [CLOSE, answer(200, b"par", length=9) + b"cut", b"nonsense\r\n\r\n", SILENCE]
)
def test_a_new_one_that_gives_no_answer_is_asked_once(server: Scripted, said: bytes) -> None:
    kept = Connections(Address("127.0.0.1", server.port), TimeLimits(2, 0.2, 1))
    server.script = [said]
    with pytest.raises(NoAnswerError) as told:
        ask(kept)
    assert not told.value.was_kept
    assert (len(server.asked), len(kept._idle)) == (1, 0)


def test_a_kept_one_that_is_slow_is_not_asked_again(server: Scripted) -> None:
    kept = Connections(Address("127.0.0.1", server.port), TimeLimits(2, 0.2, 1))
    server.script = [answer(200), SILENCE]
    ask(kept)
    with pytest.raises(NoAnswerError):
        ask(kept)
    assert len(server.asked) == 2


def test_nobody_there_is_told() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        kept = Connections(Address("127.0.0.1", closed.getsockname()[1]), LIMITS)
        with pytest.raises(NoAnswerError):
            ask(kept)
    for host in ("no-such-host.invalid", "a" * 300, "x..y"):
        with pytest.raises(NoAnswerError):
            ask(Connections(Address(host, 80), LIMITS))


def test_a_request_that_is_interrupted_leaves_no_answer_to_the_next(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = to(server)
    ask(kept)

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(answers, "read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ask(kept)
    assert not kept._idle
    assert ask(kept) == 200
    assert server.connections == 2


def test_what_a_fork_was_born_with_is_its_parents(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = to(server)
    ask(kept)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    ask(kept)
    assert server.connections == 2


@pytest.mark.parametrize("limit", ["MOST_IDLE", "MOST_AGE"])
def test_old_ones_are_made_anew(
    server: Scripted, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = to(server)
    ask(kept)
    monkeypatch.setattr(connections, limit, -1.0)
    ask(kept)
    assert server.connections == 2


def test_each_of_many_threads_has_one_of_its_own(server: Scripted) -> None:
    kept, found = to(server), list[int]()

    def work() -> None:
        found.extend(ask(kept) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 160
    assert len(server.asked) == 160
    assert server.connections <= 8


def test_no_more_are_kept_than_are_meant(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS", 1)
    kept = to(server)
    sent = [kept.send(HEAD, BODY) for _ in range(3)]
    assert [kept.answer(one, 1000, repeatable=True).status for one in sent] == [200] * 3
    assert len(kept._idle) == 1


def test_a_stranger_is_sent_nothing(server: Scripted) -> None:
    def prove(_: socket.socket) -> None:
        raise ConnectionError("what answers is not the local cloud")

    with pytest.raises(NoAnswerError, match="not the local cloud"):
        ask(to(server, prove=prove))
    assert server.asked == []


def test_addresses_of_ipv6_are_connected_to() -> None:
    try:
        with scripted("::1") as server:
            assert ask(Connections(Address("::1", server.port), LIMITS)) == 200
    except OSError:
        pytest.skip("this machine has no IPv6")


def test_certificates_are_checked_with_their_names(tmp_path: Path) -> None:
    good = tls.certificate(tmp_path / "good.pem")
    other = tls.certificate(tmp_path / "other.pem", name="lab.example")
    with scripted(certificate=str(good)) as server:
        assert ask(to(server, tls=partial(_trusting, str(good)))) == 200
        for authorities in (None, str(other), str(tmp_path / "none.pem")):
            with pytest.raises(NoAnswerError):
                ask(to(server, tls=partial(_trusting, authorities)))
        assert len(server.asked) == 1
    with scripted(certificate=str(other)) as server:
        with pytest.raises(NoAnswerError, match="IP address mismatch"):
            ask(to(server, tls=partial(_trusting, str(other))))
        assert server.asked == []


def test_the_tickets_of_tls_make_no_connection_worse_that_was_made_ahead(tmp_path: Path) -> None:
    good = str(tls.certificate(tmp_path / "good.pem"))
    with scripted(certificate=good) as server:
        kept = to(server, tls=partial(_trusting, good))
        kept.prepare(2)
        until(lambda: all(connections._has_come(one._socket) for one in kept._idle))
        sent = [kept.send(HEAD, BODY) for _ in range(2)]
        assert [kept.answer(one, 1000, repeatable=True).status for one in sent] == [200] * 2
        assert server.connections == 2


def test_what_comes_behind_an_answer_is_no_answer_to_the_next_request(tmp_path: Path) -> None:
    good, body = str(tls.certificate(tmp_path / "good.pem")), bytes(20_000)
    with scripted(certificate=good) as server:
        kept = to(server, tls=partial(_trusting, good))
        server.script = [answer(200, body + answer(404, b"other's"), length=len(body))]
        found = [kept.exchange(HEAD, BODY, 100_000, repeatable=True) for _ in range(2)]
    assert [one.status for one in found] == [200, 200]
    assert server.connections == 2


def test_no_repr_of_a_request_shows_its_head(server: Scripted) -> None:
    kept = to(server)
    sent = kept.send(b"x-amz-security-token: secret\r\n\r\n", BODY)
    kept.answer(sent, 1000, repeatable=True)
    assert "secret" not in repr(sent)


def test_the_authorities_are_those_of_botocore() -> None:
    import botocore.httpsession

    context, theirs = _trusting(None), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    theirs.load_verify_locations(botocore.httpsession.where())
    assert context.get_ca_certs() == theirs.get_ca_certs()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
