"""Menus say what the dataset asks: as soon as it is known, and the next time at once."""

from __future__ import annotations

import argparse
from dataclasses import replace

from labapp import settings
from labapp.cloud.bucket import TEXT, Bucket
from labapp.cloud.session import Cloud
from labapp.labels import scheme_file
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.programs import client_menu
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.menus import asked
from labapp.programs.menus.actions import items_of
from labapp.programs.shell.context import Context
from tests.labels.test_scheme_file import CATS


def opened() -> ClientMenuSession:
    return ClientMenuSession(Context("client.py", argparse.Namespace(), settings.load({})))


def titles(menu: ClientMenuSession) -> set[str]:
    return {item.title for item in items_of(menu, (*client_menu.LINES, *client_menu.FIRST_STEPS))}


USUAL = {"Label pictures: hot dog or not", "Upload hot-dog pictures", "Label hot dogs"}
ANIMALS = {"Label pictures: which animal?", "Upload pictures", "Label pictures"}


def test_lines_say_what_is_asked_once_it_is_known_and_remembered(cloud: Cloud) -> None:
    assert titles(opened()) >= USUAL
    assert Bucket(cloud).put_if(scheme_file.KEY, CATS.encode(), TEXT, None)
    menu = opened()
    assert titles(menu) >= USUAL
    asked.look(menu)
    for one in (menu, opened()):
        assert titles(one) >= ANIMALS
        assert not titles(one) & USUAL
    assert "which animal?" in client_menu.help_text(menu.scheme)
    asked.learn(menu, replace(DEFAULT_SCHEME, gold_every=10))
    assert titles(opened()) >= USUAL
