"""The stack's template for one lab, as CloudFormation takes it.

`fleet.yaml` is all of it but what differs with the lab's names: words in angle brackets stand for
that, and what lies between `#: each THING` and `#: end` is there once for each such thing. Policies
are those of `cloud.roles`, so that nobody has other rights by the stack than by `cloud policies`;
JSON is YAML, so they stand in it as they are.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from labapp.cloud import roles
from labapp.cloud.roles import Names
from labapp.errors import LabappError

#: Where the template lies, and what instances do at their first start.
FILE, USER_DATA = (Path(__file__).parent / name for name in ("fleet.yaml", "user_data.sh"))

#: Bytes of a template that is handed over, and of what an instance is handed (CloudFormation and
#: EC2 user guides, quotas).
MOST_BYTES, MOST_USER_DATA = 51_200, 16_384

#: The roles of people in the stack, beside the client's, whose sessions are tagged.
PEOPLE = ("labeller", "uploader", "admin")

#: Queues whose backlog counts in scaling, and whose polls in silence: CloudWatch takes ten metrics
#: together, and the others are the group's and the sum.
MOST_SCALED, MOST_POLLED = 8, 4

_EACH = re.compile(r"^ *#: each ([a-z ]+)\n(.*?)^ *#: end\n", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^ *#(?![:!]).*\n", re.MULTILINE)
_WORD = re.compile(r"<([A-Za-z][A-Za-z ]*)>")
_INDENTED_WORD = re.compile(r"^( *)<user data>\n", re.MULTILINE)


def body(names: Names, client: str = "") -> str:
    """Return the template for a lab.

    Args:
        names: what the lab's things are called.
        client: whose the client's role is, as of `roles.policy`; empty: whose tag a session has.

    Raises:
        LabappError: it is longer than CloudFormation takes, for all the queues that there are.
    """
    whose = client or roles.by_tag()
    things = {
        "role": [_of_role(role, names, whose) for role in PEOPLE],
        "queue": [_of_queue(name, dead) for name, dead in _taken(names)],
        "scaled queue": _numbered(_scaled(names)),
        "polled queue": _numbered(names.taken[:MOST_POLLED]),
    }
    words = {
        **{f"policy {role}": _policy(role, names, whose) for role in ("worker", "instance")},
        "policy client": _policy("client", names, whose),
        "does client": _role("client").does,
        "tag": roles.TAG,
        "backlog": _backlog(names),
        "waiting": " + ".join(f"FILL({one['id']}, 0)" for one in things["scaled queue"]),
        "polls": " + ".join(
            f"FILL({one['id']}{kind}, 0)"
            for one in things["polled queue"]
            for kind in ("some", "none")
        ),
    }
    text = _without_comments(FILE)
    text = _EACH.sub(lambda found: _each(found[2], things[found[1]]), text)
    text = _INDENTED_WORD.sub(lambda found: _user_data(found[1]), _filled(text, words))
    if (size := len(text.encode())) > MOST_BYTES:
        raise LabappError(
            f"the fleet's template has {size:,} bytes, and CloudFormation takes {MOST_BYTES:,}",
            "Have the dialect name fewer queues, prefixes or buckets.",
        )
    return text


def _policy(role: str, names: Names, client: str) -> str:
    return json.dumps(roles.policy(role, names, client), separators=(",", ":"))


def _role(name: str) -> roles.Role:
    return next(role for role in roles.ROLES if role.name == name)


def _of_role(name: str, names: Names, client: str) -> dict[str, str]:
    role = _role(name)
    return {
        "role": name,
        "Role": name.title(),
        "program": role.program,
        "does": role.does,
        "policy": _policy(name, names, client),
    }


def _taken(names: Names) -> Sequence[tuple[str, str]]:
    """Return the queues that workers take jobs from, each with that of its dead letters."""
    return tuple(zip(names.taken, names.taken_dead, strict=True))


def _of_queue(name: str, dead: str) -> dict[str, str]:
    return {"queue": name, "dead": dead, "Queue": _logical(name)}


def _logical(name: str) -> str:
    """Return what a queue's resources are called: the same however many others there are."""
    letters = "".join(sign for sign in name if sign.isalnum())
    told = hashlib.sha256(name.encode()).hexdigest()[:4] if letters != name else ""
    return letters[:1].upper() + letters[1:] + told.upper()


def _scaled(names: Names) -> tuple[str, ...]:
    return names.taken[:MOST_SCALED]


def _numbered(queues: Sequence[str]) -> list[dict[str, str]]:
    """Return queues with what they are called in a metric's expression."""
    return [{"queue": name, "id": f"q{number}"} for number, name in enumerate(queues, 1)]


def _backlog(names: Names) -> str:
    """Return the expression of what waits, counted in pictures."""
    return " + ".join(
        f"FILL({one['id']}, 0)" + (" / ${NumbersPerPicture}" if one["queue"] in names.light else "")
        for one in _numbered(_scaled(names))
    )


def _without_comments(path: Path) -> str:
    """Return a text of ours that is read by a machine: long names take the room of comments."""
    return _COMMENT.sub("", path.read_text("utf-8"))


def _each(block: str, rows: Sequence[Mapping[str, str]]) -> str:
    return "".join(_filled(block, row) for row in rows)


def _filled(text: str, words: Mapping[str, str]) -> str:
    """Return a text with its words filled in, those that are not known left."""
    return _WORD.sub(lambda found: words.get(found[1], found[0]), text)


def _user_data(indent: str) -> str:
    """Return what instances do at their first start, as `Fn::Sub` lets it through as it is."""
    lines = _without_comments(USER_DATA).replace("${", "${!").splitlines()
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in lines)
