"""The process that children are forked from: warm, of one thread, and without any secret.

The program starts it with a clean environment and one socket. Over that come, for each child, two
descriptors: the child's line, and a socket by which the child's end is told, and asked for: whoever
closes the other side of it has the child killed, so that no child outlives the program. Only who
forked a process can kill it without hitting another of the same number.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import selectors
import signal
import socket
import sys

from labapp.pictures import confinement
from labapp.pictures.child import IDLE_SECONDS, LINE, hush
from labapp.pictures.line import STATUS, ChildLine

#: Windows has no fork: there children are started anew, and nothing runs this.
assert sys.platform != "win32"


class _Server:
    """Children that live, by their process ids, each with the socket that its end is told by."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._living: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(requests, selectors.EVENT_READ)
        self._woken, self._wakes = socket.socketpair()
        for one in (self._woken, self._wakes):
            one.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wakes.fileno())

    def run(self) -> None:
        """Fork children until the program is gone, then end those that are left."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    with contextlib.suppress(BlockingIOError):
                        self._woken.recv(4096)
                    self._reap()
                elif key.fileobj is self._requests:
                    if not self._fork():
                        self._kill(*self._living)
                        return
                elif key.data in self._living:
                    self._selector.unregister(key.fileobj)
                    self._kill(key.data)

    def _kill(self, *pids: int) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        """Tell of each child that has ended."""
        while self._living:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            told = self._living.pop(pid)
            with contextlib.suppress(KeyError):
                self._selector.unregister(told)
            with told, contextlib.suppress(OSError):
                told.send(STATUS.pack(os.waitstatus_to_exitcode(status), 0))

    def _fork(self) -> bool:
        """Fork a child if one is asked for; return whether there is somebody to ask."""
        data, descriptors, _, _ = socket.recv_fds(self._requests, 1, 2)
        if not data:
            return False
        line, status = descriptors
        told = socket.socket(fileno=status)
        try:
            pid = os.fork()
        except OSError as error:
            os.close(line)
            with told, contextlib.suppress(OSError):
                told.send(STATUS.pack(0, error.errno or 0))
            return True
        if pid == 0:
            self._be_a_child(line)
        os.close(line)
        self._living[pid] = told
        self._selector.register(told, selectors.EVENT_READ, pid)
        return True

    def _be_a_child(self, line: int) -> None:
        """Keep the line alone of all that is open, and do what comes first over it."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(line, LINE)
            os.closerange(LINE + 1, _most_open())
            own = ChildLine(LINE, LINE, IDLE_SECONDS)
            work, caps = own.first()
            work(caps, own)
            code = 0
        finally:
            os._exit(code)  # nothing of the process that it was forked from is to be run again


def _most_open() -> int:
    """Return a number above that of any descriptor that is open in this process."""
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if 0 < soft < 65_536 else 65_536


def main() -> None:
    """Be that process: `python -m labapp.pictures.forks SOCKET PRELOAD`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program
    hush()
    with contextlib.suppress(ImportError):  # told by the first picture that misses it
        importlib.import_module(sys.argv[2])
    confinement.readable()
    _Server(socket.socket(fileno=int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()
