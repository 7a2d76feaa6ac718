"""Which logs are wanted of a client, by as much of its id as is known."""

from __future__ import annotations

import pytest

from labapp.jobs import log_wanted


@pytest.mark.parametrize(
    ("asked", "client", "wanted"),
    [
        ("root-76105e9a82c4", "root-76105e9a82c4", True),
        ("root", "root-76105e9a82c4", True),
        ("root-761", "root-76105e9a82c4", True),
        ("root-762", "root-76105e9a82c4", False),
        ("ann", "anna-76105e9a82c4", False),
        ("anna", "anna-b-76105e9a82c4", False),
        ("plain", "plain", True),
        ("plain", "plain-76105e9a82c4", False),
        ("pl", "plain", False),
        ("", "plain", True),
    ],
)
def test_a_client_is_asked_for_by_its_id_a_part_or_its_person(
    asked: str, client: str, wanted: bool
) -> None:
    assert log_wanted._is_of(client, asked) is wanted
