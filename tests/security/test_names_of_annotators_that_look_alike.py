"""An annotator takes a name that reads as another's, and answers under it.

The listing of annotators and the statistics' page flag both names and say which one each looks
like, with the letters that deceive; a pipe and `--json` have it too.
"""

from __future__ import annotations

import json

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.console import theme
from labapp.dataset.statistics import Statistics
from labapp.labels.annotators import annotator_reports
from labapp.programs.statistics.annotators_table import annotators
from tests.dataset.dataset_kit import answer, stock
from tests.programs.conftest import Shown
from tests.programs.conftest import shown as shown
from tests.support.commands import admin

Capture = pytest.CaptureFixture[str]

LATIN, CYRILLIC = "ana", "\u0430na"


@pytest.fixture
def labelled(cloud: Cloud) -> None:
    bucket = Bucket(cloud)
    (key,) = stock(bucket, 1)
    answer(bucket, key, f"{LATIN}1", f"{CYRILLIC}0", "bob1", "b0b1", "cy0")


@pytest.mark.usefixtures("labelled")
def test_a_pipe_says_which_name_each_looks_like(capsys: Capture) -> None:
    assert admin("stats", "--annotators") == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    flags = {row[0]: row[-1] for row in rows}
    assert flags == {
        LATIN: f"looks like {CYRILLIC} (U+0430)",
        CYRILLIC: f"looks like {LATIN}",
        "bob": "looks like b0b",
        "b0b": "looks like bob",
        "cy": "",
    }


@pytest.mark.usefixtures("labelled")
def test_a_terminal_says_it_too(shown: Shown) -> None:
    text = "\n".join(shown("admin.py stats --annotators", columns=120))
    assert f"looks like {CYRILLIC} (U+0430)" in text
    assert f"looks like {LATIN}" in text


@pytest.mark.usefixtures("labelled")
def test_json_names_the_other(capsys: Capture) -> None:
    assert admin("stats", "--annotators", "--json") == 0
    found = {one["annotator"]: one for one in json.loads(capsys.readouterr().out)["annotators"]}
    assert found[LATIN]["looks_like"] == [CYRILLIC]
    assert found[CYRILLIC]["flags"] == ["looks like another"]
    assert found["cy"]["looks_like"] == found["cy"]["flags"] == []


def test_the_page_of_the_statistics_says_it(cloud: Cloud) -> None:
    bucket = Bucket(cloud)
    (key,) = stock(bucket, 1)
    answer(bucket, key, f"{LATIN}1", f"{CYRILLIC}0")
    reports = annotator_reports(Statistics(bucket).look().pictures)
    drawn = theme.current().ansi(annotators().on_page(reports), 120)
    assert f"looks like {CYRILLIC} (U+0430)" in drawn
