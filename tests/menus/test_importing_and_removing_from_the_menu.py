"""What a command does in bulk the menu does too: labels come back, pictures go by patterns."""

from __future__ import annotations

from pathlib import Path

from labapp.cloud.bucket import Bucket
from tests.dataset.dataset_kit import picture_bytes
from tests.menus.conftest import Open

KEYS = [f"images/000000000000000{n}-{n}.png" for n in range(3)]


def test_labels_are_imported_and_pictures_removed_with_their_count_named(
    opened: Open, bucket: Bucket, tmp_path: Path
) -> None:
    for number, key in enumerate(KEYS):
        bucket.put(key, picture_bytes(number), "image/png")
    rows = [f"{key},ana,1,2026-11-21T10:00:00Z\n" for key in (*KEYS[:2], "none")]
    (tmp_path / "a.csv").write_text("image_key,annotator,label,labelled_at\n" + "".join(rows))
    with opened("admin.py", columns=180) as screen:
        screen.wait_for("Import labels")
        screen.send("8")
        screen.wait_for("of a model, which are no answers")
        screen.send("1")
        screen.wait_for("folder of an export:")
        screen.send(str(tmp_path / "a.csv"), "enter")
        screen.wait_for("2 added, 0 already there, 1 refused")
        screen.send("2")
        screen.wait_for("line 4: there is no picture 'none'")
        screen.send("esc")
        screen.wait_for("Import 2 answers")
        screen.send("1")
        screen.wait_for("Done, except for what is marked below.")
        screen.wait_for("picture 'none'")
        screen.send("esc")
        screen.wait_for("Remove pictures")
        screen.send("9")
        screen.wait_for("such as *.gif:")
        screen.send("0*-0.png 0*-2.png", "enter")
        screen.wait_for("Delete 2 pictures?")
        screen.wait_for("Their 1 line of labels is kept aside")
        screen.send("y")
        screen.wait_for("2 removed")
    assert [entry.key for entry in bucket.list("images/")] == KEYS[1:2]


def test_every_line_of_the_menu_can_be_reached_in_the_smallest_window(opened: Open) -> None:
    with opened("admin.py", columns=40, rows=12) as screen:
        screen.wait_for("Label statistics")
        screen.send("9")
        screen.wait_for("such as *.gif:")
