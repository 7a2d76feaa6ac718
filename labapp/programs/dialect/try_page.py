"""The form of a message to be tried, and the page of what would become of it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from labapp.console import Back, prompts
from labapp.console.key import Key
from labapp.console.lists import Option, search_list
from labapp.console.page import show
from labapp.dialects import loading
from labapp.dialects.limits import FIFO
from labapp.dialects.messages import Incoming
from labapp.dialects.rules import Choice, Numbers
from labapp.errors import UsageError
from labapp.jobs import lab_queues
from labapp.programs.dialect import files, message
from labapp.programs.dialect.message import MOST
from labapp.programs.dialect.tried import ID, Tried, attempt, page_of
from labapp.programs.menus import history

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from labapp.dialects.rules import Block, Dialect, Text
    from labapp.message_attribute import Attribute
    from labapp.programs.menus.session import MenuSession

TITLE = "Try a message"

HELP = """What a worker would read, do, store and answer, told without any queue, bucket or \
picture: a picture counts as there, of the format of its name.

An attribute is typed as NAME=VALUE; of another type as NAME:Number=5, NAME:Binary=BASE64 or \
NAME:Binary=@FILE. Those that the dialect names are asked for first; left empty, the message has \
none of that name."""

#: What tries another message by the same dialect.
AGAIN = Key("a", "another", help="tries another message by the same dialect")


def run(menu: MenuSession) -> None:
    """Ask for a dialect and a message, and show what would become of it."""
    listed = files.listed(menu.context.settings)
    options: list[Option[Path | None]] = [
        Option(one.name, one.path, "in force" if one.in_force else one.about) for one in listed
    ]
    options.append(Option("another file", None, "its path is asked for"))
    path = search_list("By which dialect?", options, frame=menu.frame, help=HELP)
    if path is None:
        path = prompts.path(
            "The dialect's file:", kind="file", endings=(loading.ENDING,), title=TITLE,
            frame=menu.frame, history=history.DIALECT_FILES,
        )  # fmt: skip
    try_by(menu, path)


def try_by(menu: MenuSession, path: Path) -> None:
    """Try messages by a dialect, as often as wanted; its file is read anew for each."""
    tried = _ask(menu, loading.load(path))
    title = f"{TITLE}: {tried.dialect.name}"
    while show(title, page_of(tried), frame=menu.frame, keys=[AGAIN], help=HELP):
        with contextlib.suppress(Back):
            tried = _ask(menu, loading.load(path))


def _ask(menu: MenuSession, dialect: Dialect) -> Tried:
    """Ask for a message, part by part, and try it.

    Raises:
        Back: the form was left.
    """
    title = f"{TITLE}: {dialect.name}"
    queue = _queue(menu, dialect)
    body = prompts.text("Body:", check=_wrong_body, title=title, frame=menu.frame,
                        history=history.BODIES)  # fmt: skip
    attributes: dict[str, Attribute] = {}
    for name in named(dialect):
        _ask_attribute(menu, title, attributes, f"{name}=")
    while len(attributes) < MOST and _ask_attribute(menu, title, attributes):
        pass
    content = ""
    if any(isinstance(one.work, Numbers) and one.work.is_object for one in dialect.blocks):
        content = prompts.text("The object of integers holds:", default="1,12,55,4",
                               title=title, frame=menu.frame,
                               history=history.CONTENTS)  # fmt: skip
    group = ""
    if queue.endswith(FIFO):
        group = prompts.text("Its group:", default="group", title=title, frame=menu.frame,
                             history=history.GROUPS)  # fmt: skip
    incoming = Incoming(ID, body, attributes, group)
    return attempt(dialect, menu.context.settings, incoming, queue, content)


def _queue(menu: MenuSession, dialect: Dialect) -> str:
    """Return the queue that the message waits in: asked for where the dialect has several."""
    settings = menu.context.settings
    of = [lab_queues.request_queue_of(block, settings) for block in dialect.blocks]
    names = list(dict.fromkeys(of))
    if len(names) < 2:
        return "".join(names)
    return search_list("In which queue?", [Option(name, name) for name in names],
                       frame=menu.frame, help=HELP)  # fmt: skip


def _ask_attribute(
    menu: MenuSession, title: str, attributes: dict[str, Attribute], default: str = ""
) -> bool:
    """Ask for an attribute, and keep it; return whether there was one."""

    def wrong(text: str) -> str:
        if text.strip() in ("", default):
            return ""
        try:
            name, _ = message.attribute(text)
        except UsageError as error:
            return str(error)
        return f"there is a {name} already" if name in attributes else ""

    hint = "" if default else "NAME=VALUE, N:Number=5, B:Binary=@FILE; or empty: no more"
    question = f"Attribute {len(attributes) + 1}:"
    text = prompts.text(question, default=default, hint=hint, check=wrong, title=title,
                        frame=menu.frame)  # fmt: skip
    if text.strip() in ("", default):
        return False
    name, one = message.attribute(text)
    attributes[name] = one
    return True


def _wrong_body(text: str) -> str:
    return "" if text else "SQS takes no empty body"


def named(dialect: Dialect) -> list[str]:
    """Return the attributes that a dialect asks of messages by their names, each once."""
    facts = (fact for block in dialect.blocks for fact in _asked(block))
    names = (fact.removeprefix("attr.") for fact in facts if fact.startswith("attr."))
    return [name for name in dict.fromkeys(names) if "*" not in name][:MOST]


def _asked(block: Block) -> Iterator[str]:
    """Yield the facts that a block's conditions and work are about."""
    yield from (one.fact for one in block.when)
    work = block.work
    if isinstance(work, Numbers):
        yield from _facts(work.source)
    else:
        for text in (work.key, work.steps, work.format, work.quality):
            yield from _facts(text)


def _facts(text: Text | None) -> Iterator[str]:
    if isinstance(text, Choice):
        for one in (text.by, *text.texts.values(), text.other):
            yield from _facts(one)
    elif text is not None:
        yield from sorted(text.facts)
