"""xterm.js in a browser, with a program in a pty behind it: what VS Code's terminal is made of.

`python serve.py PORT COLUMNS ROWS COMMAND…` serves the page on this machine alone until the program
ends. As in node-pty the window has no size in pixels.
"""

from __future__ import annotations

import base64
import fcntl
import os
import pty
import struct
import sys
import termios
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


class Handler(BaseHTTPRequestHandler):
    """Gives the page, what the program writes as events, and takes what is typed."""

    #: The program's side of the pty.
    program = -1

    def do_GET(self) -> None:
        """Give a file, or the program's output for as long as it runs."""
        path = self.path.partition("?")[0]
        if path == "/written":
            self._begin("text/event-stream")
            self._written()
            return
        file = HERE / "page.html" if path == "/" else HERE / "node_modules" / "@xterm" / path[1:]
        if not file.is_file():
            self.send_error(404)
            return
        self._begin(KINDS.get(file.suffix, "text/plain"))
        self.wfile.write(file.read_bytes())

    def do_POST(self) -> None:
        """Take what was typed, or a size."""
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/typed":
            os.write(self.program, data)
        else:
            columns, rows = map(int, data.split())
            resize(self.program, columns, rows)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""

    def _begin(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()

    def _written(self) -> None:
        try:
            while data := os.read(self.program, 65536):
                self.wfile.write(b"data: " + base64.b64encode(data) + b"\n\n")
                self.wfile.flush()
        except OSError:  # the program ended, or the page was closed
            pass
        threading.Thread(target=self.server.shutdown).start()


def resize(program: int, columns: int, rows: int) -> None:
    """Tell the program its window's size."""
    fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main() -> None:
    """Start the program and serve until it ends."""
    port, columns, rows, *command = sys.argv[1:]
    child, Handler.program = pty.fork()
    if not child:
        os.execvp(command[0], command)
    resize(Handler.program, int(columns), int(rows))
    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main()
