"""64 real processes answer the same picture at once: each answer is there, and there once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.labels.effective import labels_of
from labapp.labels.label_file import Label
from labapp.labels.tally import tally
from tests.dataset.dataset_kit import label_file_of
from tests.labels.builders import HOT_DOG

ROOT = Path(__file__).resolve().parents[3]
WRITERS = 64
KEY = "images/0a1b2c3d4e5f6071-lunch.jpg"


@pytest.mark.skipif(sys.platform == "win32", reason="the processes are forked")
def test_each_answer_is_there_and_there_once(local_cloud: Cloud) -> None:
    people = subprocess.run(
        [sys.executable, "-m", "tests.support.many_annotators", str(WRITERS), KEY],
        cwd=ROOT,
        timeout=110,
        check=False,
    )
    file = label_file_of(Bucket(local_cloud), KEY)
    assert people.returncode == 0
    written = Counter((entry.annotator, entry.label) for entry in file.entries)
    assert written == Counter(
        {(f"writer{n}", label): 1 for n in range(WRITERS) for label in (Label.ZERO, Label.ONE)}
    )
    assert (file.duplicates, file.unreadable) == (0, 0)
    assert tally(labels_of(KEY, file)).count(HOT_DOG) == WRITERS
