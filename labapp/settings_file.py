"""Read the file of settings, and say in plain words what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

from labapp.errors import SettingError, fault_at


def read(path: Path) -> dict[str, object]:
    """Return what the file says; nothing where there is none.

    Raises:
        SettingError: it cannot be read, or is no TOML.
    """
    try:
        text = path.read_text("utf-8-sig")  # Windows' editors put a mark before the text
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingError(
            f"the settings file {path} cannot be read: {error.strerror or error}",
            "Make it readable, or move it away.",
        ) from error
    except UnicodeDecodeError as error:
        raise SettingError(
            f"the settings file {path} is not text in UTF-8", "Save it as UTF-8."
        ) from error
    import tomllib  # here, as most people have no such file

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # integers and nesting have limits
        raise SettingError(
            f"the settings file {path} is not TOML{_place(error)}",
            'Write lines such as cloud = "local".',
        ) from error


def _place(error: ValueError | RecursionError) -> str:
    """Return where a text is no TOML, which Python tells only in a sentence for programmers."""
    found = re.search(r"at line (\d+), column (\d+)", str(error))
    return fault_at(column=int(found[2]), line=int(found[1])) if found else ""
