"""What Amazon documents and no emulator shows: each fact is expected, looked at, and told.

`holds` of what was found is True or False, and None where it could not be tried: the words say why.
Sources are pages of AWS's documentation, by their titles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from tests.aws.found import Found as Found
from tests.aws.trial import Trial


@dataclass(frozen=True)
class Fact:
    """One row.

    Attributes:
        name: what it is about.
        expected: what the documentation says.
        source: which page.
        look: tries it.
        actions: what it needs of IAM, beside what the roles of the lab have.
    """

    name: str
    expected: str
    source: str
    look: Callable[[Trial], Found]
    actions: tuple[str, ...] = ()


def looked_at(fact: Fact, trial: Trial) -> Found:
    """Look at a fact; what goes wrong is told as what was found."""
    try:
        return fact.look(trial)
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        refused = code in ("AccessDenied", "AccessDeniedException", "403")
        return Found(f"{error.operation_name}: {code}", None if refused else False)
    except (BotoCoreError, OSError) as error:
        return Found(str(error), False)


def code_of(act: Callable[[], object]) -> str:
    """Return the error code, with its status, that a call ends with; `done` where with none."""
    try:
        act()
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return f"{status} {error.response.get('Error', {}).get('Code', '')}"
    return "done"
