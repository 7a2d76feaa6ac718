"""Parameters of the template from wishes and settings, and wishes back from a stack."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any, cast

import pytest

from labapp.cloud import session
from labapp.cloud.fleet import parameters
from labapp.cloud.fleet.model import TYPES, Code, Wishes
from labapp.cloud.fleet.network import Network
from labapp.cloud.fleet.stack import Stack
from labapp.errors import SettingError, UsageError
from labapp.settings_table import Settings, names
from tests.cloud.fleet.scripted import Cloud
from tests.cloud.fleet.template_document import Document

CODE = Code("deploy/code-0123456789abcdef.zip", "0" * 64)
NETWORK = Network("vpc-1", ("subnet-a", "subnet-b"), ("us-east-1a", "us-east-1b"))
DOCUMENT = Document.of_the_lab()


def made(
    wishes: Wishes = parameters.DEFAULTS, settings: Settings | None = None, **more: Any
) -> dict[str, str]:
    cloud = Cloud()
    cloud.settings = settings or cloud.settings
    return parameters.of(cast("session.Cloud", cloud), wishes, CODE, NETWORK, **more)


def held(values: dict[str, str], status: str = "CREATE_COMPLETE") -> Stack:
    return Stack("arn", status, parameters=values)


def test_they_are_those_of_the_template_and_fit_its_patterns() -> None:
    wishes = replace(
        parameters.DEFAULTS, email="a@b.org", ssh_cidr="198.51.100.7/32", key_name="mine"
    )
    settings = Settings(max_integers=20, allow_negative=True, plain_result_prefix="answers/{job}/")
    found = made(wishes, settings, wheels="deploy/wheels-0123456789abcdef.zip")
    declared = DOCUMENT.whole["Parameters"]
    assert found.keys() <= declared.keys()
    for name, rules in declared.items():
        assert name in found or "Default" in rules, name
        if "AllowedPattern" in rules:
            assert re.fullmatch(rules["AllowedPattern"], found[name]), name
        if "AllowedValues" in rules:
            assert found.get(name, rules["Default"]) in rules["AllowedValues"], name
        if "MinValue" in rules and name in found:
            assert rules["MinValue"] <= int(found[name]) <= rules["MaxValue"], name


def test_the_types_of_the_template_are_those_that_can_be_asked_for() -> None:
    assert set(DOCUMENT.whole["Parameters"]["InstanceType"]["AllowedValues"]) == set(TYPES)


def test_the_defaults_are_the_templates() -> None:
    declared = DOCUMENT.whole["Parameters"]
    assert parameters.DEFAULTS.least == declared["MinSize"]["Default"]
    assert parameters.DEFAULTS.most == declared["MaxSize"]["Default"]
    assert parameters.DEFAULTS.type == declared["InstanceType"]["Default"]


def test_arm_takes_the_image_of_arm() -> None:
    assert made()["AmiId"] == DOCUMENT.whole["Parameters"]["AmiId"]["Default"]
    assert made(replace(parameters.DEFAULTS, type="t4g.small"))["AmiId"].endswith("default-arm64")


WISHES = Wishes(
    least=2,
    most=7,
    type="t4g.small",
    is_spot=True,
    email="a@b.org",
    ssh_cidr="198.51.100.0/24",
    key_name="mine",
    profile="LabInstanceProfile",
    vpc="vpc-1",
    subnets=("subnet-a", "subnet-b"),
    is_vendored=True,
)


def test_what_a_stack_was_asked_for_is_read_back_from_it() -> None:
    found = made(WISHES, wheels="deploy/wheels-0123456789abcdef.zip")
    assert parameters.wishes_of(held(found)) == WISHES
    assert (
        parameters.wishes_of(held(made()))
        == replace(parameters.DEFAULTS, vpc="", subnets=NETWORK.subnets)
        or parameters.wishes_of(held(made())).vpc == "vpc-1"
    )


def test_of_no_stack_nothing_is_read_back() -> None:
    assert parameters.wishes_of(None) == Wishes()
    assert parameters.wishes_of(held({})) == Wishes()
    assert parameters.wishes_of(held(made(WISHES), "REVIEW_IN_PROGRESS")) == Wishes()
    assert parameters.code_of(None) is None


def test_an_update_keeps_what_is_not_asked_anew() -> None:
    whole = parameters.whole(Wishes(most=9, email=""), WISHES)
    assert whole == replace(WISHES, most=9, email="")


@pytest.mark.parametrize("name", [one.name for one in fields(Wishes)])
def test_each_wish_is_stronger_than_what_was_and_that_than_the_default(name: str) -> None:
    other = replace(WISHES, least=3, most=5, type="t3.small", is_spot=False, email="c@d.org",
                    ssh_cidr="203.0.113.9/32", key_name="yours", profile="", vpc="vpc-2",
                    subnets=("subnet-c",), is_vendored=False)  # fmt: skip
    asked = Wishes(**{name: getattr(other, name)})
    assert getattr(parameters.whole(asked, WISHES), name) == getattr(other, name)
    assert getattr(parameters.whole(Wishes(), WISHES), name) == getattr(WISHES, name)
    assert getattr(parameters.whole(Wishes(), Wishes()), name) == getattr(parameters.DEFAULTS, name)


def test_another_network_has_none_of_the_subnets_of_before() -> None:
    assert parameters.whole(Wishes(vpc="vpc-2"), WISHES).subnets == ()


def test_what_nobody_asks_for_here_stays_as_somebody_set_it() -> None:
    before = {**made(), "BacklogPerInstance": "20", "NumbersPerPicture": "500", "Old": "1"}
    after = made(held=before)
    assert (after["BacklogPerInstance"], after["NumbersPerPicture"]) == ("20", "500")
    assert "Old" not in after
    assert "BacklogPerInstance" not in made()


def test_a_roll_back_changes_the_code_alone() -> None:
    before = made(WISHES)
    other = Code("deploy/code-fedcba9876543210.zip", "f" * 64)
    after = parameters.with_code(held(before), other)
    assert {name for name in before if before[name] != after[name]} == {"CodeKey", "CodeSha256"}
    assert parameters.code_of(held(after)) == other


def test_settings_of_the_worker_go_along_where_they_are_not_the_defaults() -> None:
    assert made()["WorkerSettings"] == ""
    settings = Settings(
        max_integers=20,
        allow_negative=True,
        picture_seconds=2.5,
        plain_source_prefix="",
        color="16",
    )
    assert "LABAPP_PLAIN_SOURCE_PREFIX=" in made(settings=settings)["WorkerSettings"].split()
    found = made(settings=replace(settings, plain_source_prefix="in/"))["WorkerSettings"]
    assert found.split() == [
        "LABAPP_MAX_INTEGERS=20",
        "LABAPP_ALLOW_NEGATIVE=true",
        "LABAPP_PICTURE_SECONDS=2.5",
        "LABAPP_PLAIN_SOURCE_PREFIX=in/",
    ]


#: Settings that are none of the worker's, or reach it as parameters or policies of their own.
OTHERS = {
    *("cloud", "region", "profile", "endpoint_url", "bucket", "keep_days", "user", "port"),
    *("request_queue", "response_queue", "image_inbox", "image_outbox", "timeout", "exact"),
    *("images_prefix", "labels_key", "layout_writes", "target_answers", "annotator"),
    *("color", "images", "accessible"),
}


def test_every_setting_goes_along_or_is_known_not_to() -> None:
    assert {*parameters.WORKERS} | OTHERS == set(names())
    assert not {*parameters.WORKERS} & OTHERS


def test_names_of_the_lab_are_parameters_of_their_own() -> None:
    found = made(settings=Settings(request_queue="numbers", image_inbox="pictures"))
    assert (found["RequestQueue"], found["ImageInbox"]) == ("numbers", "pictures")
    assert found["BucketName"] == Cloud.bucket_name


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (Settings(exact=True), "scikit-image"),
        (Settings(plain_source_prefix="our pictures/"), "plain_source_prefix"),
        (Settings(plain_result_prefix="$HOME/"), "plain_result_prefix"),
    ],
)
def test_settings_that_a_fleet_cannot_have_are_refused(settings: Settings, named: str) -> None:
    with pytest.raises(SettingError, match=named) as caught:
        made(settings=settings)
    assert caught.value.remedy


def test_a_dialect_that_ships_is_named_and_a_labs_own_is_in_the_code() -> None:
    found = made(settings=Settings(dialect="positions"))
    assert found["WorkerSettings"] == "LABAPP_DIALECT=positions"
    found = made(settings=Settings(dialect="labs/ours.toml"))
    assert found["WorkerSettings"] == "LABAPP_DIALECT=/opt/labapp/dialect.toml"


@pytest.mark.parametrize(
    ("wishes", "named"),
    [
        (Wishes(least=4), "4 to 3 instances"),
        (Wishes(most=10), "1 to 10 instances"),
        (Wishes(least=0, most=0), "0 to 0 instances"),
        (Wishes(least=-1), "-1 to 3 instances"),
        (Wishes(type="p5.48xlarge"), r"p5\.48xlarge"),
        (Wishes(email="anna"), "no e-mail address"),
        (Wishes(ssh_cidr="0.0.0.0/0", key_name="k"), "4,294,967,296 addresses"),
        (Wishes(ssh_cidr="198.51.100.0/23", key_name="k"), "512 addresses"),
        (Wishes(ssh_cidr="198.51.100.7/24", key_name="k"), "host bits"),
        (Wishes(ssh_cidr="home", key_name="k"), "'home' is no network"),
        (Wishes(ssh_cidr="198.51.100.7/32"), "a key pair too"),
    ],
)
def test_wishes_that_cannot_be_are_refused_with_what_can(wishes: Wishes, named: str) -> None:
    with pytest.raises(UsageError, match=named) as caught:
        parameters.whole(wishes, Wishes())
    assert "--" in caught.value.remedy
