"""A cloud that was stopped stays stopped until somebody does something that needs it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from filelock import FileLock

from labapp.cloud.embedded import launcher
from labapp.cloud.embedded.state import LOCK_FILE, STATE_FILE, State, write_state
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import local_home
from tests.menus.conftest import Open, programs_cloud
from tests.support.terminal import ROOT, Terminal


class Looks:
    """Stands where a cloud was that was stopped, and counts how often it is looked for."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._lock = FileLock(local_home() / LOCK_FILE)  # without it nobody would be asked
        self._seen = 0

    def __enter__(self) -> Looks:
        state = State(os.getpid(), self._socket.getsockname()[1], time.time(), "another's")
        write_state(local_home(), state)
        self._lock.acquire()
        threading.Thread(target=self._count, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        (local_home() / STATE_FILE).unlink()
        self._lock.release()
        self._socket.close()

    def wait_for(self, looks: int, screen: Terminal) -> None:
        """Wait until the program on a screen looked so often in vain."""
        screen.wait_until(lambda: self._seen >= looks, f"{looks} looks for the cloud")

    def _count(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                self._socket.accept()[0].close()
                self._seen += 1


def test_the_menu_does_not_start_again_what_it_stopped(opened: Open) -> None:
    with opened("admin.py") as screen:
        screen.wait_for("no worker")
        screen.send("7")
        screen.wait_for("(it is running)")
        screen.send("4")
        screen.wait_for("(y/N)")
        screen.send("y")
        screen.wait_for("the local cloud is stopped")
        screen.wait_for("(it is stopped)")
        assert "Not now" not in screen.text
        with Looks() as looks:
            looks.wait_for(3, screen)
        assert launcher.find(local_home()) is None
        screen.send("3")
        screen.wait_for("the local cloud runs at")
        assert "is stopped" not in screen.text


def test_nor_what_was_stopped_from_elsewhere(opened: Open) -> None:
    env = {**os.environ, "LABAPP_PORT": "4700"}
    with opened("client.py") as screen:
        screen.wait_for("no worker")
        words = [sys.executable, str(ROOT / "admin.py"), "cloud", "stop"]
        subprocess.run(words, check=True, capture_output=True, env=env)
        taken = socket.socket()
        with contextlib.suppress(OSError):  # not free either: it must come up at another port
            taken.bind(("127.0.0.1", 4700))
        with Looks() as looks:
            looks.wait_for(3, screen)
        screen.settle()
        assert launcher.find(local_home()) is None
        assert "✗" not in screen.text
        screen.send("1", "3")  # what the user does needs it, and so it is started
        screen.wait_for("answered in")
        screen.wait_for("started the local cloud, which was stopped")
        taken.close()


def test_a_queue_is_purged_by_its_counts_of_now(opened: Open) -> None:
    with opened("admin.py") as screen:
        screen.wait_for("no worker")
        screen.send("4")
        screen.wait_for("requestQueue")
        # What comes after the page's last look, before the cloud is stopped, is not on the page.
        os.kill(screen.pid, signal.SIGSTOP)
        Queue(programs_cloud(), "requestQueue").send(Outgoing("1,2"))
        launcher.stop(local_home())
        os.kill(screen.pid, signal.SIGCONT)
        screen.send("p")
        screen.wait_for("Which queue is purged?")
        screen.send("requ", "enter")
        screen.wait_for("Delete 1 message of requestQueue?")


def test_a_worker_says_once_that_the_cloud_is_stopped(opened: Open) -> None:
    env = {**os.environ, "LABAPP_PORT": "4700"}
    with opened("server.py", columns=100) as screen:
        screen.wait_for("✓ running")
        screen.wait_for("responseQueue")
        words = [sys.executable, str(ROOT / "admin.py"), "cloud", "stop"]
        subprocess.run(words, check=True, capture_output=True, env=env)
        screen.wait_for(" ✗ the local cloud is stopped; python admin.py cloud start")
        screen.wait_gone("✓ running")
        screen.wait_gone("cannot list the queues")
