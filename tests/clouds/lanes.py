"""The lanes by their names: what `python -m tests.clouds` takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.clouds import by_hand_lane, fault_lane, role_lane, stack_lane
from tests.clouds.account import KEYS, Account
from tests.clouds.lane import Lane, Outcome
from tests.clouds.services import SERVICES, Service
from tests.clouds.tour import CloudTour


def toured(service: Service, cache: Path, folder: Path) -> Outcome:
    """Bring a service up, take the tour there, and end it."""
    with service.start(cache, folder / "service") as found:
        tour = CloudTour(
            folder / "tour", {**KEYS, **found}, Account(found), service.lacks, service.finds
        )
        try:
            tour.go()
        finally:
            tour.end()
    return tour.outcome


def _lane(name: str, service: Service) -> Lane:
    def run(cache: Path, folder: Path) -> Outcome:
        return toured(service, cache, folder)

    return Lane(name, service.title, service.cannot, run)


_TOURED = [_lane(name, service) for name, service in SERVICES.items()]

LANES: Mapping[str, Lane] = {
    lane.name: lane
    for lane in (
        *_TOURED,
        fault_lane.LANE,
        role_lane.LANE,
        stack_lane.LANE,
        by_hand_lane.LANE,
    )
}
