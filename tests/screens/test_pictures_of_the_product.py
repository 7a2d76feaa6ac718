"""The README's pictures are the real screens: each is drawn from a terminal and kept here.

`REDRAW_SCREENS=1 python -m pytest tests/screens` draws them again. Without that, a picture whose
text is no longer what the screen shows fails; times, ids and ages are left out of the comparison.
"""

from __future__ import annotations

import contextlib
import html
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from labapp import settings
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.dataset import label_writer, stored_pictures
from labapp.labels.label_file import Label
from labapp.labels.layout import OWN
from tests.menus.conftest import Open
from tests.menus.conftest import greeted as greeted
from tests.menus.conftest import opened as opened
from tests.support.terminal import ROOT, Terminal
from tests.support.terminal import terminal as terminal

HERE = Path(__file__).parent

#: The exit code of a client whose answer did not come in time.
NO_ANSWER = 5

#: What differs from one run to the next, and what stands for it in the comparison.
VARYING = (
    (r"\d+(\.\d+)? s ago|just now", "AGO"),
    (r"\d{2}:\d{2}:\d{2}", "TIME"),
    (r"(\d+ min )?\d+(\.\d+)? m?s\b", "SPAN"),
    (r"[▁▂▃▄▅▆▇█] (?=SPAN)", "AGE "),
    (r"\b[0-9A-HJKMNP-TV-Z]{8}(?:[0-9A-HJKMNP-TV-Z]{18})?\b", "JOB"),
    (r"\b(anna|ben|carla)-(?:[0-9a-f]{12}|[0-9a-f]{4})\b", r"\1"),
    (r"\d+ requests", "REQUESTS"),
    (r"(✓|in hand) +(\S+-)?\d+(-[0-9a-f]{4})?\b", r"\1 PID"),
    (r"worker \S+-\d+-[0-9a-f]{4}", "WORKER"),
    (r"\d+\.\d/s", "RATE"),
    (r"[▁▂▃▄▅▆▇█]{20,}", "SPARKS"),
    (r"─{20,}", "RULE"),  # as long as its table, which is as wide as its spans
    (r"(?<= median)[^\n]*…", "CUT"),
    (r" +", ""),  # rich leaves blanks out of its pictures
    # A preview is drawn from a copy first, and from the whole picture once the keys rest.
    (r"[▘▝▀▖▌▞▛▗▚▐▜▄▙▟█]+", "PICTURE"),
)


def run(*words: str) -> None:
    """Run a program's command on the test's own cloud."""
    env = {**os.environ, "LABAPP_USER": "anna"}
    subprocess.run(
        [sys.executable, ROOT / words[0], *words[1:]], check=True, capture_output=True, env=env
    )


def send(person: str, *words: str) -> None:
    """Have a person send a job that nobody does for now."""
    env = {**os.environ, "LABAPP_USER": person}
    command = [sys.executable, str(ROOT / "client.py"), *words, "--timeout", "0.1"]
    ended = subprocess.run(command, capture_output=True, env=env, check=False)
    assert ended.returncode == NO_ANSWER, ended.stderr.decode()


def label_all() -> None:
    """Have three people label the set: two who agree, and one who cannot tell some."""
    bucket = Bucket(Cloud(settings.load({}).settings))
    hot_dogs = {1, 4, 5, 7, 10, 12, 13, 16, 18, 19}
    for one in stored_pictures.list_pictures(bucket):
        number = int(OWN.picture_name(one.key).partition(".")[0])
        right = Label.ONE if number in hot_dogs else Label.ZERO
        wrong = Label.ZERO if number in hot_dogs else Label.ONE
        label_writer.answer(bucket, one.key, right, "Ben")
        if number <= 16:
            label_writer.answer(bucket, one.key, wrong if number in (8, 13) else right, "Carla")
        if number <= 12:
            label_writer.answer(bucket, one.key, wrong if number == 8 else right, "Anna")


def client_menu(screen: Terminal) -> None:
    screen.wait_for("● 1 worker")
    screen.wait_for("(one is running)")


def statistics(screen: Terminal) -> None:
    screen.wait_for("Label statistics")
    screen.send("1")
    screen.wait_for("What needs you")


def label_round(screen: Terminal) -> None:
    screen.wait_for("● 1 worker")
    screen.wait_for("Picture 1 of 1")
    screen.wait_until(lambda: "▄" in screen.text or "▌" in screen.text, "the picture")


def desk(screen: Terminal) -> None:
    screen.wait_for("● 1 worker")
    screen.send("2")
    screen.wait_for("t samples")
    screen.send("t")
    screen.wait_for("1 of 20")
    screen.send("enter")
    screen.wait_for("Steps for 1.jpg")
    screen.send("enter")
    screen.wait_for("Sigma")
    screen.send("2", "4")
    screen.wait_for("Blur (sigma 24)")
    screen.wait_until(lambda: re.search("before +after", screen.text) is not None, "the preview")


def worker_console(screen: Terminal) -> None:
    screen.wait_for("✓ running")
    for numbers in ("1,12,55,4", "8,8,8", "3,1,4,1,5,9,2,6"):
        run("client.py", "numbers", numbers)
    screen.wait_for("3 done")
    screen.wait_for("0 in hand")  # a job is counted as done while it is still being deleted
    screen.wait_for("minimum is 1 maximum is 9")
    # S3 tells a new bucket's queue of itself, and the first count may come before that is taken.
    calm = re.compile(r"requestQueue +0 +─ +0 +0.*imageInbox +0 +─ +0 +0", re.DOTALL)
    screen.wait_until(lambda: bool(calm.search(screen.text)), "the queues to be empty")


def live(screen: Terminal) -> None:
    screen.wait_for("● 1 worker")
    screen.send("l")
    calm = re.compile(r"3 +4 wait, 1 in flight.*requestQueue +4\b", re.DOTALL)
    screen.wait_until(lambda: bool(calm.search(screen.text)), "the jobs to wait")
    screen.wait_for("received,")


def check(screen: Terminal, name: str) -> None:
    """Wait until a screen is what its picture shows, or draw that again."""
    path = HERE / f"{name}.svg"
    if os.environ.get("REDRAW_SCREENS"):
        screen.settle()
        path.write_text(screen.svg(f"labapp: {name.replace('-', ' ')}"), "utf-8")
    wanted = normal(text_of(path.read_text("utf-8")))
    with contextlib.suppress(AssertionError):  # what differs tells more than the whole screen
        screen.wait_until(lambda: normal(screen.text) == wanted, "the screen of the picture")
    assert wanted == normal(screen.text)


def text_of(svg: str) -> str:
    """Return the text of a picture drawn by rich, line by line."""
    lines: dict[int, list[tuple[float, str]]] = defaultdict(list)
    pattern = (
        r'<text [^>]*?x="([\d.]+)"[^>]*?clip-path="url\(#[^)]*-line-(\d+)\)"[^>]*>([^<]*)</text>'
    )
    for x, line, text in re.findall(pattern, svg):
        lines[int(line)].append((float(x), html.unescape(text).replace("\xa0", " ")))
    rows = (
        "".join(text for _, text in sorted(lines[n])) for n in range(max(lines, default=-1) + 1)
    )
    return "\n".join(rows)


def normal(text: str) -> list[str]:
    """Return what of a screen is the same in every run, by line, less blanks and empty lines.

    The worker's log lines stand above its header, and are folded as their times happen to be long.
    """
    text = text[text.index("╭") :]
    for pattern, instead in VARYING:
        text = re.sub(pattern, instead, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def test_the_clients_menu(opened: Open) -> None:
    run("client.py", "numbers", "1,2")
    with opened("client.py", columns=80, rows=22, color="truecolor") as screen:
        client_menu(screen)
        check(screen, "client-menu")


def test_a_labelling_round(opened: Open) -> None:
    run("admin.py", "upload", str(ROOT / "images" / "1.jpg"))
    run("client.py", "numbers", "1,2")
    with opened(
        "client.py", "label", "--count", "1", "--annotator", "Anna",
        columns=80, rows=26, color="truecolor",
    ) as screen:  # fmt: skip
        label_round(screen)
        check(screen, "labelling-round")


def test_the_statistics(opened: Open) -> None:
    run("admin.py", "upload")
    run("client.py", "numbers", "1,2")
    label_all()
    with opened("admin.py", columns=84, rows=28, color="truecolor") as screen:
        statistics(screen)
        check(screen, "statistics")


def test_the_picture_desk(opened: Open) -> None:
    run("client.py", "numbers", "1,2")
    with opened("client.py", columns=100, rows=26, color="truecolor") as screen:
        desk(screen)
        check(screen, "desk")


def test_the_lab_live(opened: Open) -> None:
    """A worker that stands at a step has the lab stand still."""
    run("server.py", "--plain", "--until-idle")  # S3 tells a new bucket's queue of itself
    with opened("server.py", "--step", columns=80, rows=24) as worker:
        worker.wait_for("No job yet")
        send("anna", "image", str(ROOT / "images" / "1.jpg"), "--op", "grayscale")
        for person in ("anna", "ben", "ben", "carla"):
            send(person, "numbers", "1,12,55,4")
        with opened("admin.py", columns=92, rows=22, color="truecolor") as screen:
            live(screen)
            check(screen, "live")


def test_the_workers_console(opened: Open) -> None:
    with opened("server.py", columns=100, rows=32, color="truecolor") as screen:
        worker_console(screen)
        check(screen, "worker-console")
