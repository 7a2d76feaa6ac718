"""What an instance is told about itself, by tokens that are renewed; and a service that is away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labapp.worker.instance_metadata import TOKEN_SECONDS, VARIABLE, AwayError, InstanceMetadata
from tests.support import fake_imds
from tests.support.fake_imds import INSTANCE, Imds
from tests.support.ports import free_port


@pytest.fixture
def imds() -> Iterator[Imds]:
    with fake_imds.served() as imds:
        yield imds


@pytest.fixture
def clock() -> list[float]:
    return [1000.0]


@pytest.fixture
def metadata(imds: Imds, clock: list[float]) -> InstanceMetadata:
    return InstanceMetadata(imds.url, lambda: clock[0])


def test_an_instance_knows_itself(metadata: InstanceMetadata) -> None:
    assert metadata.instance_id() == INSTANCE


@pytest.mark.parametrize(
    ("state", "is_going"), [("InService", False), ("Terminated", True), ("", False)]
)
def test_its_group_has_it_end(
    metadata: InstanceMetadata, imds: Imds, state: str, is_going: bool
) -> None:
    imds.state = state
    assert metadata.is_going() is is_going


def test_spare_capacity_is_taken_back(metadata: InstanceMetadata, imds: Imds) -> None:
    assert not metadata.is_reclaimed()
    imds.spot = '{"action": "terminate", "time": "2026-11-28T12:00:00Z"}'
    assert metadata.is_reclaimed()


def test_one_token_serves_until_half_its_life_is_over(
    metadata: InstanceMetadata, imds: Imds, clock: list[float]
) -> None:
    for _ in range(3):
        metadata.is_going()
    assert len(imds.tokens) == 1
    clock[0] += TOKEN_SECONDS / 2
    metadata.is_going()
    assert len(imds.tokens) == 2


def test_a_token_that_is_not_taken_any_more_is_renewed(
    metadata: InstanceMetadata, imds: Imds
) -> None:
    metadata.is_going()
    imds.tokens[0] = "another"
    imds.state = "Terminated"
    assert metadata.is_going()


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_service_that_does_not_tell_is_away(
    metadata: InstanceMetadata, imds: Imds, status: int
) -> None:
    imds.status = status
    with pytest.raises(AwayError, match=f"answers {status}"):
        metadata.is_going()
    imds.status = 0
    assert not metadata.is_going()


def test_a_service_that_is_not_there_is_away() -> None:
    with pytest.raises(AwayError):
        InstanceMetadata(f"http://127.0.0.1:{free_port()}").is_going()


def test_the_sdks_own_variable_names_it(imds: Imds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, f"{imds.url}/")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    assert InstanceMetadata().instance_id() == INSTANCE
