"""Where instances stand, on moto; and what AWS tells that moto does not."""

from __future__ import annotations

from typing import Any, cast

import pytest

from labapp.cloud import session
from labapp.cloud.fleet import network
from labapp.cloud.fleet.model import Wishes
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError
from tests.cloud.fleet import scripted
from tests.support.aws_answers import refusal


def test_the_default_networks_public_subnets_are_taken(ec2_cloud: Cloud) -> None:
    found = network.find(ec2_cloud, Wishes(), "t3.micro")
    assert found.vpc.startswith("vpc-")
    assert len(found.subnets) == len(found.zones) > 1
    assert list(found.zones) == sorted(found.zones)


def test_zones_without_the_type_are_left_out(ec2_cloud: Cloud) -> None:
    ec2 = ec2_cloud.client("ec2")
    zones = {one["ZoneName"] for one in ec2.describe_availability_zones()["AvailabilityZones"]}
    found = network.find(ec2_cloud, Wishes(), "t4g.micro")
    # moto knows which zones have which type, of the day that it was made.
    assert set(found.zones) < zones


def test_what_is_named_is_taken(ec2_cloud: Cloud) -> None:
    default = network.find(ec2_cloud, Wishes(), "t3.micro")
    named = Wishes(vpc=default.vpc, subnets=default.subnets[:1])
    found = network.find(ec2_cloud, named, "t3.micro")
    assert (found.vpc, found.subnets) == (default.vpc, default.subnets[:1])
    alone = network.find(ec2_cloud, Wishes(subnets=default.subnets[1:2]), "t3.micro")
    assert (alone.vpc, alone.subnets) == (default.vpc, default.subnets[1:2])


def test_a_subnet_of_another_network_is_refused(ec2_cloud: Cloud) -> None:
    ec2 = ec2_cloud.client("ec2")
    other = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    default = network.find(ec2_cloud, Wishes(), "t3.micro")
    with pytest.raises(CloudError, match="several networks"):
        network.find(ec2_cloud, Wishes(vpc=other, subnets=default.subnets[:1]), "t3.micro")


def test_one_that_is_not_there_is_named(ec2_cloud: Cloud) -> None:
    with pytest.raises(CloudError, match="subnet-12345678") as caught:
        network.find(ec2_cloud, Wishes(subnets=("subnet-12345678",)), "t3.micro")
    assert "--subnet" in caught.value.remedy
    with pytest.raises(CloudError, match="vpc-12345678"):
        network.find(ec2_cloud, Wishes(vpc="vpc-12345678"), "t3.micro")


def test_a_type_that_no_zone_has_is_told(ec2_cloud: Cloud) -> None:
    with pytest.raises(CloudError, match=r"no zone of this region has p9\.huge"):
        network.find(ec2_cloud, Wishes(), "p9.huge")


def account(**answers: list[Any]) -> session.Cloud:
    subnet = {"VpcId": "vpc-1", "MapPublicIpOnLaunch": True}
    subnets = [
        {**subnet, "SubnetId": "subnet-a", "AvailabilityZone": "us-east-1a"},
        {**subnet, "SubnetId": "subnet-e", "AvailabilityZone": "us-east-1e"},
    ]
    offered = [{"Location": "us-east-1a"}]
    defaults: dict[str, list[Any]] = {
        "describe_vpcs": [{"Vpcs": [{"VpcId": "vpc-1"}]}],
        "describe_subnets": [[{"Subnets": subnets[:1]}, {"Subnets": subnets[1:]}]],
        "describe_instance_type_offerings": [[{"InstanceTypeOfferings": offered}]],
        "describe_vpc_block_public_access_options": [refusal("UnauthorizedOperation", 403)],
    }
    return cast("session.Cloud", scripted.Cloud(ec2={**defaults, **answers}))


def test_subnets_come_in_pages() -> None:
    assert network.find(account(), Wishes(), "t3.micro").zones == ("us-east-1a",)


def test_a_named_subnet_whose_zone_lacks_the_type_is_refused() -> None:
    wishes = Wishes(subnets=("subnet-a", "subnet-e"))
    with pytest.raises(CloudError, match=r"us-east-1e has no t3\.micro") as caught:
        network.find(account(), wishes, "t3.micro")
    assert caught.value.remedy.endswith("--subnet in one of us-east-1a.")


def test_of_a_fleet_that_is_there_those_without_the_type_are_left_out() -> None:
    wishes = Wishes(vpc="vpc-1", subnets=("subnet-a", "subnet-e"))
    assert network.find(account(), wishes, "t3.micro", kept=True).subnets == ("subnet-a",)


def test_who_may_not_ask_for_zones_takes_all() -> None:
    denied = refusal("UnauthorizedOperation", 403)
    found = network.find(account(describe_instance_type_offerings=[denied]), Wishes(), "t3.micro")
    assert found.subnets == ("subnet-a", "subnet-e")


def test_an_account_without_a_default_network_says_what_to_name() -> None:
    with pytest.raises(CloudError, match="no default network") as caught:
        network.find(account(describe_vpcs=[{"Vpcs": []}]), Wishes(), "t3.micro")
    assert caught.value.remedy == "Name one: --vpc and --subnet."


def test_a_network_without_a_public_subnet_says_what_to_name() -> None:
    private = {"VpcId": "vpc-1", "SubnetId": "subnet-p", "AvailabilityZone": "us-east-1a"}
    cloud = account(describe_subnets=[[{"Subnets": [private]}]])
    with pytest.raises(CloudError, match="vpc-1 has no public subnet"):
        network.find(cloud, Wishes(), "t3.micro")
    assert network.find(cloud, Wishes(subnets=("subnet-p",)), "t3.micro").subnets == ("subnet-p",)


def blocked(*exclusions: str, mode: str = "block-bidirectional") -> session.Cloud:
    arn = "arn:aws:ec2:us-east-1:1:vpc/"
    return account(
        describe_vpc_block_public_access_options=[
            {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": mode}}
        ],
        describe_vpc_block_public_access_exclusions=[
            {
                "VpcBlockPublicAccessExclusions": [
                    {"ResourceArn": arn + one, "State": "create-complete"} for one in exclusions
                ]
            }
        ],
    )


def test_vpc_block_public_access_is_named() -> None:
    with pytest.raises(CloudError, match="VPC Block Public Access lets nothing in us-east-1 out"):
        network.find(blocked(), Wishes(), "t3.micro")


@pytest.mark.parametrize("excluded", ["vpc-1", "subnet-a"])
def test_what_is_excluded_from_it_may_be_taken(excluded: str) -> None:
    assert network.find(blocked(excluded), Wishes(), "t3.micro").subnets == ("subnet-a",)


def test_one_that_blocks_the_way_in_alone_is_no_matter() -> None:
    assert network.find(blocked(mode="block-ingress"), Wishes(), "t3.micro")


def test_a_right_that_lacks_is_told() -> None:
    denied = refusal(
        "UnauthorizedOperation",
        403,
        "You are not authorized to perform: ec2:DescribeSubnets because no identity-based policy",
        "DescribeSubnets",
    )
    with pytest.raises(ForbiddenError, match="ec2:DescribeSubnets"):
        network.find(account(describe_subnets=[denied]), Wishes(), "t3.micro")
