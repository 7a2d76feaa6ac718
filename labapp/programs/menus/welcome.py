"""The first screen that anybody sees: where they are, and what a newcomer wants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labapp.console.menu import MenuItem, choose
from labapp.programs.menus import remembered
from labapp.programs.menus.actions import Action, attempt
from labapp.settings import data_dir

if TYPE_CHECKING:
    from labapp.programs.menus.session import MenuSession
    from labapp.programs.shell.context import Context

LOCAL = """You are on the local cloud: everything runs on this machine, no account is needed, and \
nothing touches AWS."""

SHARED = """You are on the shared cloud at {where}, with everybody else who uses it: its teacher, \
or whoever runs it, starts and stops it. Nothing touches AWS."""

OTHER = """You are on the cloud at {where}, with everybody else who uses it: whoever runs it \
starts and stops it. Nothing touches AWS."""

BOTH = """You are on AWS, but for {where}: this works in that account, and nothing is made there \
unasked."""

AWS = """You are on AWS, in {region} with {profile}: this works in that account, and nothing is \
made there unasked."""

HELP = """This is shown once. Esc goes to the menu, which has all of this and more.

? explains every screen, Esc goes one step back, Ctrl-C leaves."""


def where(context: Context) -> str:
    """Return which cloud the settings name, in a sentence for who is here for the first time."""
    settings = context.settings
    if settings.cloud == "local":
        return LOCAL
    found = context.endpoints()
    if not found.are_amazons:
        words = BOTH if found.touch_amazon else SHARED if found.are_loopback else OTHER
        return words.format(where=found.where)
    region = settings.region or "the profile's region"
    profile = context.loaded.value_of("profile")
    return AWS.format(
        region=region, profile=f"the profile {profile}" if profile else "the credentials found"
    )


def greet(menu: MenuSession, program: str, items: Callable[[], Sequence[MenuItem[Action]]]) -> None:
    """Show the welcome to whoever opens a program, `client` or `admin`, for the first time.

    Its items are what a newcomer wants, done here and now.
    """
    name = f"greeted by {program}"
    if remembered.recall(name):
        return
    remembered.remember(name, "yes")
    intro = f"{where(menu.context)} Data is kept in {data_dir()}.\nBegin with one of these:"
    chosen = ""
    while item := choose("Welcome to labapp", items, frame=menu.frame,
                         help=HELP, intro=intro, start=chosen, back="To the menu"):  # fmt: skip
        chosen = item.key
        attempt(item.title, item.value, menu.frame)
