"""What people do every day with the programs, each a step that expects what they would."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.support.steps import LIMIT, Carrier, Steps, expect

#: A name in Latin, Polish and Japanese letters and an emoji: no code page of Windows has them all.
NAME = "Zoë Łukasz 山田 \N{GRINNING FACE}"
ANNOTATOR = "anna"
BLUR = ("--op", "blur:sigma=2")

#: The list that is sent, and what comes back.
LIST = "1,12,55,4"
ANSWER = {"min": 1, "max": 55, "mean": 18, "median": 8, "sum": 72, "count": 4}

#: Pictures of the sample set.
SAMPLES = 20


class Everyday(Steps):
    """Numbers, pictures, labels and what the person in charge looks at.

    Attributes:
        names: the lab's queues.
        key: the picture that was labelled.
    """

    names: Sequence[str] = ("requestQueue", "responseQueue", "imageInbox", "imageOutbox")

    def __init__(self, carrier: Carrier, folder: Path, variables: dict[str, str]) -> None:
        super().__init__(carrier, folder, variables)
        self.key = ""

    def numbers(self, *given: str) -> None:
        """Have a list answered."""
        answer = self.json("client.py", "numbers", *given)
        expect(answer["status"] == "done" and answer["result"] == ANSWER, f"answered {answer}")

    def refused(self) -> None:
        """Have a wrong list refused."""
        self.command("client.py", "numbers", "-1,2", code=3)

    def upload(self) -> None:
        """Send the sample set."""
        sent = self.json("admin.py", "upload", limit=2 * LIMIT)
        expect(len(sent) == SAMPLES, f"{len(sent)} pictures of {SAMPLES} were sent")

    def images(self) -> None:
        """List the dataset."""
        images = self.json("admin.py", "images")
        expect(len(images) == SAMPLES, f"{len(images)} pictures of {SAMPLES} are there")
        wrong = [image["key"] for image in images if not image["key"].startswith("images/")]
        expect(not wrong, f"keys are not below images/: {wrong[:3]}")

    def answer(self) -> None:
        """Label one picture."""
        images = self.json("admin.py", "images")
        expect(bool(images), "there is no picture to answer")
        self.key = images[0]["key"]
        said = self.json("client.py", "answer", self.key, "1", "--annotator", ANNOTATOR)
        expect(said.get("label") == 1, f"answered {said}")

    def stats(self) -> None:
        """See that the label counts."""
        self.counted(1, 100)

    def counted(self, answers: int, percent: float) -> None:
        """Expect so many answers of the picture that was labelled, and so many hot dogs."""
        said = self.json("admin.py", "stats")
        rows = [row for row in said if row["key"] == self.key]
        expect(len(rows) == 1, f"{self.key} has {len(rows)} rows")
        counted = (rows[0]["answers"], rows[0]["hot_dog_percent"])
        expect(counted == (answers, percent), f"answers and hot dog % are {counted}")

    def image(self) -> None:
        """Have a picture blurred."""
        self._pictures(1, str(Path("images", "1.jpg")), *BLUR)

    def folder_of_pictures(self) -> None:
        """Have a folder of them made grey."""
        self._folder_with("three", "1.jpg", "2.jpg", "3.jpg")
        self._pictures(3, "three", "--op", "grayscale", "--out", "small")

    def odd_picture(self) -> None:
        """Have a picture of a name in many scripts blurred."""
        name = f"{NAME}.jpg"
        self._folder_with("odd names", name)
        self._pictures(1, str(Path("odd names", name)), *BLUR)

    def _folder_with(self, name: str, *files: str) -> None:
        folder = self.project / name
        folder.mkdir()
        for number, file in enumerate(files, 1):
            shutil.copy(self.project / "images" / f"{number}.jpg", folder / file)

    def _pictures(self, count: int, *arguments: str) -> None:
        results = self.json("client.py", "image", *arguments)
        expect(len(results) == count, f"{len(results)} results of {count}")
        for result in results:
            expect(result["status"] == "done", f"{result['path']}: {result['error']}")
            saved = self.carrier.found(result["saved"], self.project)
            expect(saved.is_file(), f"{result['saved']} was not saved")
            expect(saved.read_bytes()[:2] == b"\xff\xd8", f"{result['saved']} is not a JPEG")

    def jobs(self) -> None:
        """List what was sent."""
        jobs = self.json("client.py", "jobs")
        done = [job for job in jobs if job["status"] == "done"]
        expect(len(done) >= 1, f"{len(done)} of {len(jobs)} jobs are done")

    def queues(self) -> None:
        """List the queues."""
        names = {queue["name"] for queue in self.json("admin.py", "queues")}
        lacking = {*self.names} - names
        expect(not lacking, f"without {sorted(lacking)}")
        self.command("admin.py", "queues")

    def workers(self) -> None:
        """See that a worker is at work."""
        expect(bool(self.json("admin.py", "workers")), "no worker is at work")

    def export(self) -> None:
        """Export the label."""
        self.command("admin.py", "export", "--format", "csv", "--out", "labels")
        rows: list[list[str]] = []
        for file in (self.project / "labels").glob("*.csv"):
            with file.open(encoding="utf-8-sig", newline="") as opened:
                rows += csv.reader(opened)
        expect(any(self.key in row for row in rows), f"{self.key} is not in {len(rows)} rows")
