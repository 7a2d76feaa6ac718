"""The policies of IAM that give each role its permissions in this lab, ready to be pasted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from labapp.errors import CloudError, UsageError
from labapp.programs.shell.table import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from labapp.cloud.roles import Names
    from labapp.programs.shell.context import Context
    from labapp.settings import Settings

#: What `cloud policies` writes, with and without --json.
POLICIES = Document(lead="the policy of each role, by its name; with --role that policy alone")

#: Stands for the account where nobody says it and AWS cannot be asked.
ACCOUNT = "<account>"

_ACCOUNT = re.compile(r"[0-9]{12}")

#: What ids of clients have behind the name.
_BEHIND = re.compile(r"-[0-9a-f]{12}$")

#: The region of policies for AWS where no setting names one.
_REGION = "us-east-1"


def show(context: Context) -> None:
    """Print the policy of a role, or of every role."""
    arguments = context.arguments
    _check(arguments)
    names, lacking = names_known(context.settings, arguments.account)
    client = person(arguments.client, arguments.tag)
    if lacking:
        context.say(lacking)
    if arguments.client and client != arguments.client:
        context.say(f"ids of clients have this name as {client!r}: so does the policy")
    role = arguments.role or ""
    found = documents(names, client, role)
    for told in _too_long(found):
        context.say(told)
    context.json(found[role] if role else found)


def _too_long(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is to be said of policies that are longer than IAM takes."""
    from labapp.cloud import roles

    for name, document in found.items():
        if (size := roles.characters(document)) > roles.MOST_CHARACTERS:
            yield (
                f"the policy of {name} has {size:,} characters, and IAM takes"
                f" {roles.MOST_CHARACTERS:,}: make two of it, each with some of its statements"
            )


def documents(names: Names, client: str, role: str = "") -> dict[str, dict[str, Any]]:
    """Return policies by role: one, or all."""
    from labapp.cloud import roles

    wanted = [one.name for one in roles.ROLES if role in ("", one.name)]
    return {name: roles.policy(name, names, client) for name in wanted}


def names_known(settings: Settings, account: str = "") -> tuple[Names, str]:
    """Return what the lab's things are called, and what somebody has to fill in; empty: nothing.

    The account is asked for where it is not said. On the local cloud AWS is not asked anything.
    """
    from labapp.cloud.session import Cloud
    from labapp.jobs import permissions

    if settings.cloud == "local":
        found = permissions.names_of(settings, settings.region or _REGION, account or ACCOUNT)
        local = "these are for AWS: the local cloud has one key, which may do everything"
        return found, "" if account else f"{local}. With --cloud aws account and bucket are AWS's"
    cloud = Cloud(settings, start=False)
    if account:
        return permissions.names_of(settings, cloud.place.region, account), ""
    try:
        return permissions.names_in(cloud), ""
    except CloudError as error:
        told = f"{error.message}: put your account's 12 digits for {ACCOUNT}, or say --account"
        return permissions.names_of(settings, cloud.place.region, ACCOUNT), told


def person(client: str | None, tag: str | None) -> str:
    """Return what stands for the person: the name as ids have it, or a principal's tag."""
    from labapp.cloud import roles
    from labapp.jobs.slots import name_in_ids

    if client is None:
        return roles.by_tag(tag or roles.TAG)
    return name_in_ids(_BEHIND.sub("", client))


def _check(arguments: Any) -> None:
    if arguments.account and not _ACCOUNT.fullmatch(arguments.account):
        raise UsageError(
            f"{arguments.account!r} is not the id of an account", "It has 12 digits, no dashes."
        )
    named = "--client" if arguments.client is not None else "--tag" if arguments.tag else ""
    if named and arguments.role not in (None, "client"):
        raise UsageError(
            f"the role {arguments.role} is the same for everybody", f"Leave out {named}."
        )
    if arguments.client is not None and not re.search("[a-zA-Z0-9]", arguments.client):
        raise UsageError(
            f"no id begins with {arguments.client!r}", "Name a person by letters and digits."
        )
