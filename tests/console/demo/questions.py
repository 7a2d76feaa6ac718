"""Questions, on pages and in place."""

from __future__ import annotations

from labapp.console import prompts
from tests.console.demo.around import frame


def text() -> object:
    def check(answer: str) -> str:
        return "" if answer.replace(",", "").isdigit() else f"'{answer}' is not a list of numbers"

    with frame() as around:
        return prompts.text(
            "Which numbers?", check=check, hint="(1, 12, 55)", title="Type a list", frame=around
        )


def integer() -> object:
    with frame() as around:
        return prompts.integer(
            "How many numbers?", minimum=1, maximum=10, default=4, title="Random", frame=around
        )


def path() -> object:
    with frame() as around:
        return str(prompts.path("Which file?", kind="file", title="From a file", frame=around))


def folder() -> object:
    return str(prompts.path("Which folder?", kind="folder"))


def dropped() -> object:
    with frame() as around:
        return str(prompts.path("Which folder?", kind="folder", default="labapp", frame=around))


class _Earlier:
    def __init__(self) -> None:
        self.kept = ["1,2", "3,4"]

    def answers(self) -> list[str]:
        return self.kept

    def add(self, answer: str) -> None:
        self.kept = [*self.kept, answer]


def earlier() -> object:
    history = _Earlier()
    with frame() as around:
        for question in ("Which numbers?", "Which others?"):
            prompts.text(question, default="3,4", frame=around, history=history)
    return history.kept


def confirm() -> object:
    with frame() as around:
        return prompts.confirm("Delete all 12 replies?", title="Purge my replies", frame=around)


def question() -> object:
    with frame() as around:
        return prompts.confirm("Still uploading 20 pictures. Stop it and quit?",
                               title="A title of many words that has no room here",
                               frame=around)  # fmt: skip


def inline() -> object:
    print("before")
    return prompts.confirm("Delete all 12 replies?"), prompts.text("Name:")


def named() -> object:
    prompts.confirm_by_name("This empties the bucket labapp-hotdogs.", "labapp-hotdogs")
    return "deleted"
