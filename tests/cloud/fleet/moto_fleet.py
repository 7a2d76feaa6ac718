"""A fleet's group in moto, whose instances come up at once; of a stack it knows little."""

from __future__ import annotations

import base64

import pytest

from labapp.cloud.fleet import network
from labapp.cloud.session import Cloud

#: What an instance boots by, as far as it tells which code that is.
USER_DATA = "CODE='deploy/code-0123456789abcdef.zip'"


@pytest.fixture
def ec2_cloud(bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Give an empty account that has EC2, and no images: moto takes seconds to read its own."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    # moto does not know this call, and says so by no answer of AWS's.
    monkeypatch.setattr(network, "_check_not_blocked", lambda *_: None)
    return bare_cloud


@pytest.fixture
def group_cloud(ec2_cloud: Cloud) -> Cloud:
    """Give an account with a group of two instances, of three at most."""
    make_group(ec2_cloud)
    return ec2_cloud


def make_group(cloud: Cloud, least: int = 1, most: int = 3, desired: int = 2) -> None:
    """Make a group as the template does."""
    ec2 = cloud.client("ec2")
    launched = ec2.create_launch_template(
        LaunchTemplateName="labapp",
        LaunchTemplateData={
            "ImageId": "ami-00000000000000000",
            "InstanceType": "t3.micro",
            "UserData": base64.b64encode(USER_DATA.encode()).decode(),
        },
    )["LaunchTemplate"]["LaunchTemplateId"]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    cloud.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="labapp-workers",
        MinSize=least,
        MaxSize=most,
        DesiredCapacity=desired,
        VPCZoneIdentifier=subnet,
        LaunchTemplate={"LaunchTemplateId": launched, "Version": "1"},
        Tags=[{"Key": "labapp", "Value": "labapp", "PropagateAtLaunch": True}],
    )
