"""Who labels here: asked once, kept on this machine, changed at any time.

The setting `annotator` goes before what is kept, so a script can label in anybody's name.
"""

from __future__ import annotations

from pathlib import Path

from labapp import settings as settings_room
from labapp.errors import LabappError, RefusedError, os_errors_as
from labapp.files import private, replacing
from labapp.settings import Settings

#: The file in the config folder that keeps the name.
FILE_NAME = "annotator.txt"


def annotator(settings: Settings) -> str:
    """Return the annotator's token: the setting's, else the one kept, else an empty text.

    Raises:
        RefusedError: the setting holds no letter or digit.
    """
    if settings.annotator:
        return _token(settings.annotator)
    try:
        return _token(replacing.read(_path()).decode())
    except (OSError, UnicodeDecodeError, RefusedError):
        return ""  # never asked, or not readable: ask again


def keep_annotator(name: str) -> str:
    """Keep a name as typed for the next time; return the token that stands for it.

    Raises:
        RefusedError: the name has no letter or digit.
        LabappError: the config folder cannot be written.
    """
    token = _token(name)
    path = _path()
    remedy = "Give it each time with --annotator, or set LABAPP_CONFIG_DIR to another folder."
    with os_errors_as(LabappError, f"the name cannot be kept in {path}", remedy):
        private.write_text(path, token + "\n", durable=True)
    return token


def admin(settings: Settings) -> str:
    """Return the token of who acts as the admin here: the user whom the header names."""
    from labapp.labels.tokens import token_of

    return token_of(settings_room.user_name(settings)) or "admin"


def _token(name: str) -> str:
    from labapp.labels.tokens import annotator_token  # not for a menu that nobody labelled from yet

    return annotator_token(name)


def _path() -> Path:
    return settings_room.config_dir() / FILE_NAME
