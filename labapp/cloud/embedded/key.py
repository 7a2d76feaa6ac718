"""The local cloud's own key, and whether it is shared.

The cloud takes requests that carry a signature of its key alone; other users of the machine reach
its port as its owner does, but not the folder in which the key lies. The key is made once, when the
cloud first starts, and kept until `cloud reset`: other programs are set up with it.

While the file `shared` lies there, any key will do. `cloud start --share` puts it there, and
`cloud stop` takes it away.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from labapp import foreign
from labapp.files import private, replacing

#: Bytes of the key's file, which has a hundred.
_MOST = 10_000

#: The files in `home`.
KEY_FILE, SHARE_FILE = "key.json", "shared"

#: What an id begins with, so that it is known for what it is; Amazon's begin with `AKIA` or `ASIA`.
PREFIX = "LABAPP"

#: Characters of an id, as Amazon's have, and of a secret. An id of twelve digits would be taken for
#: an account's.
ID_LENGTH, SECRET_LENGTH = 20, 40

#: A secret of 40 has 200 bits, and no shell has a mind of its own about letters and digits.
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True)
class Key:
    """An access key.

    Attributes:
        id: the access key id, which every request shows.
        secret: the secret access key, which none does.
    """

    id: str
    secret: str = field(repr=False)


def read_key(home: Path) -> Key | None:
    """Return the key of the cloud in `home`; None where there is none, or nothing usable."""
    try:
        read = foreign.read_object(replacing.read(home / KEY_FILE), _MOST)
        key = Key(str(read["id"]), str(read["secret"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    usable = len(key.id) == ID_LENGTH and len(key.secret) == SECRET_LENGTH
    return key if usable and (key.id + key.secret).isalnum() and key.id.isascii() else None


def keep_key(home: Path) -> Key:
    """Return the key of the cloud in `home`, made if there is none; the caller serves the folder.

    Raises:
        OSError: it cannot be written.
    """
    key = read_key(home)
    if key is None:
        more = ID_LENGTH - len(PREFIX)
        key = Key(PREFIX + _random(more), _random(SECRET_LENGTH))
        text = json.dumps({"id": key.id, "secret": key.secret})
        private.write_text(home / KEY_FILE, text)
    return key


def is_shared(home: Path) -> bool:
    """Tell whether everybody on the machine may use the cloud in `home`."""
    return (home / SHARE_FILE).exists()


def share(home: Path) -> None:
    """Open the cloud in `home` to everybody on the machine, until it is stopped.

    Raises:
        OSError: the folder cannot be written.
    """
    os.close(os.open(home / SHARE_FILE, os.O_WRONLY | os.O_CREAT, private.FILE))


def _random(length: int) -> str:
    # 32 divides 256: each character is as likely as any other.
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in os.urandom(length))
