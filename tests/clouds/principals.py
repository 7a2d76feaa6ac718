"""People and machines of an account whose IAM enforces: a user for each role, with its policy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labapp.cloud import roles
from labapp.jobs import permissions
from labapp.settings import Settings
from tests.clouds.account import REGION, Account
from tests.clouds.tour import BUCKET

#: Who has which roles, and whose client's policy that is: by name, since this IAM fills in no
#: variables of policies. The stranger's goes by a tag, which the stranger has not.
PEOPLE = (
    ("anna", "client", "anna"),
    ("bob", "client", "bob"),
    ("stranger", "client", roles.by_tag()),
    ("student", "client labeller uploader", "student"),
    *((role.name, role.name, "") for role in roles.ROLES if role.name != "client"),
)


#: What this IAM asks for a batch of SQS's calls; Amazon's asks for what a single call takes.
_BATCHES = {
    f"sqs:{call}": f"sqs:{call}Batch"
    for call in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")
}


@dataclass(frozen=True)
class Principal:
    """A user of IAM, and the variables by which programs act as that user."""

    name: str
    variables: Mapping[str, str]


def principals(account: Account) -> dict[str, Principal]:
    """Make the users, with the policies that labapp ships; return them by name."""
    sts, iam = account.client("sts"), account.client("iam")
    owner = sts.get_caller_identity()["Account"]
    settings = Settings(cloud="aws", region=REGION, bucket=BUCKET)
    names = permissions.names_of(settings, REGION, owner)
    found = {}
    for name, has, client in PEOPLE:
        iam.create_user(UserName=name)
        for role in has.split():
            document = json.dumps(with_batches(roles.policy(role, names, client)))
            made = iam.create_policy(PolicyName=f"labapp-{name}-{role}", PolicyDocument=document)
            iam.attach_user_policy(UserName=name, PolicyArn=made["Policy"]["Arn"])
        key = iam.create_access_key(UserName=name)["AccessKey"]
        variables = {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "LABAPP_USER": name,
        }
        found[name] = Principal(name, variables)
    return found


def with_batches(document: dict[str, Any]) -> dict[str, Any]:
    """Return a policy that allows batches, too, of each call of SQS's that it allows."""
    statements = []
    for one in document["Statement"]:
        actions = one["Action"] if isinstance(one["Action"], list) else [one["Action"]]
        more = [_BATCHES[action] for action in actions if action in _BATCHES]
        statements.append({**one, "Action": [*actions, *more]})
    return {**document, "Statement": statements}
