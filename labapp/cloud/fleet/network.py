"""Where in the account a fleet's instances stand: a network, and its subnets that have the type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from labapp.cloud.aws_errors import PERMISSION_CODES, code_of, translated
from labapp.cloud.fleet.model import Wishes
from labapp.errors import CloudError

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client

    from labapp.cloud.session import Cloud

#: What to do where no network is found.
_NAME_ONE = "Name one: --vpc and --subnet."

#: The mode of VPC Block Public Access in which nobody within reaches out either.
_BLOCKED = "block-bidirectional"


#: What a service says of a call that it does not know.
_UNKNOWN = frozenset({"InvalidAction", "UnknownOperation", "NotImplemented"})


@dataclass(frozen=True)
class Network:
    """Where a fleet's instances stand.

    Attributes:
        vpc: the network's id.
        subnets: the ids of its subnets that are taken.
        zones: theirs, in the same order.
    """

    vpc: str
    subnets: tuple[str, ...]
    zones: tuple[str, ...]


def find(cloud: Cloud, wishes: Wishes, type_: str, *, kept: bool = False) -> Network:
    """Return the network that is asked for, else the account's default one.

    Args:
        cloud: where.
        wishes: its `vpc` and `subnets` are read; with subnets alone, theirs is the network. Those
            without an address of their own must have another way out, as by a NAT gateway.
        type_: the type of instance that the zones must have.
        kept: whether the subnets are those of a fleet that is there, and nobody names them anew:
            then those whose zones lack the type are left out.

    Raises:
        CloudError: there is none, or it has not what is needed; says what to name.
    """
    ec2: EC2Client = cloud.client("ec2")
    named = bool(wishes.subnets)
    subnets = _subnets(ec2, wishes)
    vpcs = sorted({str(one["VpcId"]) for one in subnets})
    vpc = wishes.vpc or (vpcs[0] if vpcs else "")
    if any(one != vpc for one in vpcs):
        raise CloudError(
            f"the subnets are of several networks: {', '.join(vpcs)}", "Name those of one of them."
        )
    if not named:
        subnets = [one for one in subnets if one.get("MapPublicIpOnLaunch")]
        if not subnets:
            raise CloudError(
                f"the network {vpc} has no public subnet, whose instances have an address of their"
                " own",
                "Name one that has a way to AWS with --subnet.",
            )
    zones = _zones(ec2, type_)
    having = [one for one in subnets if not zones or one["AvailabilityZone"] in zones]
    if not having or (named and not kept and len(having) < len(subnets)):
        lacking = sorted({one["AvailabilityZone"] for one in subnets} - set(zones))
        raise CloudError(
            f"{' and '.join(lacking)} {'has' if len(lacking) == 1 else 'have'} no {type_}",
            f"Take another --type, or a --subnet in one of {', '.join(sorted(zones)) or 'others'}.",
        )
    _check_not_blocked(ec2, cloud.place.region, vpc, having)
    having.sort(key=lambda one: (one["AvailabilityZone"], one["SubnetId"]))
    return Network(
        vpc,
        tuple(one["SubnetId"] for one in having),
        tuple(one["AvailabilityZone"] for one in having),
    )


def _subnets(ec2: EC2Client, wishes: Wishes) -> list[Mapping[str, Any]]:
    """Return the subnets that are asked for, else all of the network."""
    if wishes.subnets:
        asked: dict[str, Any] = {"SubnetIds": list(wishes.subnets)}
    else:
        asked = {"Filters": [{"Name": "vpc-id", "Values": [wishes.vpc or _default_vpc(ec2)]}]}
    with translated("list the subnets"):
        try:
            pages = ec2.get_paginator("describe_subnets").paginate(**asked)
            found: list[Mapping[str, Any]] = [one for page in pages for one in page["Subnets"]]
        except ClientError as error:
            if not code_of(error).startswith(("InvalidSubnet", "InvalidVpc")):
                raise
            text = error.response["Error"].get("Message", "").rstrip(".")
            raise CloudError(text, "Check --vpc, --subnet and the region.") from error
    if not found:
        told = f"the network {wishes.vpc}" if wishes.vpc else "the default network"
        raise CloudError(f"{told} is not there, or has no subnet", _NAME_ONE)
    return found


def _default_vpc(ec2: EC2Client) -> str:
    with translated("find the default network (VPC)"):
        found = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not found:
        raise CloudError("this account has no default network (VPC) in the region", _NAME_ONE)
    return found[0]["VpcId"]


def _zones(ec2: EC2Client, type_: str) -> set[str]:
    """Return the zones that have a type; none where one may not ask."""
    asked: Any = {
        "LocationType": "availability-zone",
        "Filters": [{"Name": "instance-type", "Values": [type_]}],
    }
    with translated(f"ask which zones have {type_}"):
        try:
            pages = ec2.get_paginator("describe_instance_type_offerings").paginate(**asked)
            found = {one["Location"] for page in pages for one in page["InstanceTypeOfferings"]}
        except ClientError as error:
            if code_of(error) in PERMISSION_CODES | _UNKNOWN:
                return set()
            raise
    if not found:
        raise CloudError(f"no zone of this region has {type_}", "Take another --type or --region.")
    return found


def _check_not_blocked(
    ec2: EC2Client, region: str, vpc: str, subnets: Sequence[Mapping[str, Any]]
) -> None:
    """See to it that VPC Block Public Access lets the instances out; who may not ask goes on."""
    try:
        told = ec2.describe_vpc_block_public_access_options()
        options = told.get("VpcBlockPublicAccessOptions", {})
        if options.get("InternetGatewayBlockMode") != _BLOCKED:
            return
        exclusions = ec2.describe_vpc_block_public_access_exclusions()
    except ClientError:
        return
    free = {
        str(one.get("ResourceArn", "")).rpartition("/")[2]
        for one in exclusions.get("VpcBlockPublicAccessExclusions", ())
    }
    if vpc in free or all(one["SubnetId"] in free for one in subnets):
        return
    raise CloudError(
        f"VPC Block Public Access lets nothing in {region} out to the internet, nor to AWS",
        f"Exclude the network {vpc} from it in the console (VPC, Settings), or name subnets with"
        " endpoints of their own that are excluded: --subnet.",
    )
