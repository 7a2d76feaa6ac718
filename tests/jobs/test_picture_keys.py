from __future__ import annotations

import pytest

from labapp.jobs import picture_keys
from labapp.jobs.wire import Request
from labapp.settings import Settings

ANNA, JOB = "anna-0123456789ab", "01M8FBHMTYV0QZXWZR7DVJADTT"


@pytest.mark.parametrize("box", ["inbox", "outbox"])
def test_a_clients_folder_is_known_by_a_job_of_labapps_in_it(box: str) -> None:
    assert picture_keys.owner(f"{box}/{ANNA}/{JOB}/cat.png") == ANNA
    assert picture_keys.owner(f"{box}/{ANNA}/{JOB}/deeper/cat.png") == ANNA


@pytest.mark.parametrize(
    "key",
    [
        f"inbox/{JOB}/cat.png",
        f"inbox/{ANNA}/cat.png",
        "inbox/team-a/2026/cat.png",
        f"inbox/Team A/{JOB}/cat.png",
        f"drop/{ANNA}/{JOB}/cat.png",
        f"images/{ANNA}/{JOB}/cat.png",
        f"inbox/dlq/{JOB}/cat.png",
        f"{ANNA}/{JOB}/cat.png",
        "",
    ],
)
def test_folders_of_labs_and_of_older_clients_are_nobodys(key: str) -> None:
    assert picture_keys.owner(key) == ""


def test_a_result_goes_where_its_source_lies() -> None:
    own = picture_keys.source_folder(ANNA, JOB) + "cat.png"
    assert picture_keys.result_folder(Request(own, JOB, ANNA)) == f"outbox/{ANNA}/{JOB}/"
    for older in (f"inbox/{JOB}/cat.png", "drop/invert/cat.png"):
        assert picture_keys.result_folder(Request(older, JOB, ANNA)) == f"outbox/{JOB}/"


def test_a_plain_clients_result_lies_where_settings_have_it() -> None:
    asked = ("inbox/été 1.JPEG", "id-1", "flip", ".jpg")
    assert picture_keys.plain_result(Settings(), *asked) == "outbox/id-1/ete_1-flip.jpg"
    named = Settings(plain_result_prefix="done/")
    assert picture_keys.plain_result(named, *asked) == "done/été 1.JPEG"
