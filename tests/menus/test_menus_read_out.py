"""The accessible mode on a terminal that cannot move its cursor: the main jobs, line by line."""

from __future__ import annotations

from pathlib import Path

from tests.dataset.dataset_kit import write_pictures
from tests.menus.conftest import Open
from tests.support.terminal import Terminal


class Talk:
    """A conversation: each answer is typed once its question stands there."""

    def __init__(self, screen: Terminal) -> None:
        self._screen = screen
        self._read = 0

    def hear(self, text: str) -> None:
        """Wait until something is said that was not said before the last answer."""
        wanted = text.encode()
        self._screen.wait_until(lambda: wanted in self.new, repr(text))

    @property
    def new(self) -> bytes:
        """What was said since the last answer; lines that are folded are one."""
        return b" ".join(self._screen.raw[self._read :].split())

    def answer(self, question: str, answer: str) -> None:
        """Wait for a question and type the answer."""
        self.hear(question)
        self._read = len(self._screen.raw)
        self._screen.send(answer, "enter")

    def end(self) -> None:
        """See the program end well, without one code for the terminal in all that it wrote."""
        assert self._screen.finish() == 0
        assert b"\x1b" not in self._screen.raw


def test_the_users_jobs_are_done_by_typing_lines(opened: Open, tmp_path: Path) -> None:
    write_pictures(tmp_path / "photos", range(2))
    talk = Talk(opened("client.py", TERM="dumb"))
    talk.hear("Accessible mode (TERM is dumb)")
    talk.answer("Choice:", "1")  # numbers
    talk.answer("Choice:", "3")
    talk.hear("minimum 1 maximum 55")
    talk.answer("Enter goes back:", "")
    talk.answer("Choice:", "<")

    talk.answer("Choice:", "2")  # the desk
    talk.answer("Number or key:", "f")
    talk.answer("Folder [", str(tmp_path / "photos"))
    talk.hear("1. 0.png")
    talk.answer("Number or key:", "v 1")
    talk.hear("PNG, ")
    talk.answer("Number or key:", "1")
    talk.answer("Number or key:", "/invert")
    talk.answer("Number or key:", "9")
    talk.answer("Number or key:", "go")
    talk.hear("Number or key:")
    made = tmp_path / "photos"
    talk._screen.wait_until(lambda: len(list(made.iterdir())) == 3, "the result")
    talk.answer("Number or key:", "")
    talk.answer("Number or key:", "<")

    talk.answer("Choice:", "3")  # labels
    talk.answer("Your name", "anna")
    talk.answer("u (upload the sample set)", "u")
    talk.hear("ok: Done.")
    talk.answer("Enter goes back:", "")
    talk.hear(" pixels, ")  # four at random, some of them upright
    talk.answer("Key:", "1")
    talk.answer("Key:", "<")
    talk.hear("Thank you: 1 answer kept.")
    talk.answer("Key:", "<")
    talk.answer("Choice:", "q")
    talk.end()

    talk = Talk(opened("admin.py", "--accessible"))
    talk.hear("Accessible mode (the setting accessible)")
    talk.answer("Choice:", "1")
    talk.hear("anna: answers 1")
    talk.answer("Key:", "p")
    talk.answer("Number or key:", "1")
    talk.answer("Key:", "<")
    talk.answer("Number or key:", "<")
    talk.answer("Key:", "<")
    talk.answer("Choice:", "q")
    talk.end()
