"""What a fleet costs: by the table of prices, on as many alarms as the template has."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.cloud.fleet import prices, template
from labapp.cloud.fleet.model import TYPES
from labapp.jobs import permissions
from labapp.settings import Settings
from tests.cloud.fleet.template_document import ACCOUNT, Document


def test_every_type_has_a_price() -> None:
    assert set(prices.HOURLY) == set(TYPES)


def test_an_instance_costs_its_hours_its_address_and_its_disk() -> None:
    cost = prices.monthly("t3.micro", 1, 3)
    assert cost.least == pytest.approx((0.0104 + 0.005) * 744 + 0.64)
    assert cost.most == pytest.approx(3 * cost.least)
    assert cost.sentence == "about $12.10 a month while 1 instance runs, $37 at most"


def test_ten_alarms_cost_nothing() -> None:
    without = prices.monthly("t3.micro", 1, 1)
    assert prices.monthly("t3.micro", 1, 1, alarms=10) == without
    assert prices.monthly("t3.micro", 1, 1, alarms=17).least == pytest.approx(without.least + 0.70)


def test_a_fleet_that_may_sleep_costs_its_alarms_then() -> None:
    cost = prices.monthly("t3.micro", 0, 9, alarms=20)
    assert cost.sentence == "about $1.00 a month while none runs, $110 at most"


def test_one_size_has_one_price() -> None:
    assert prices.monthly("t3.small", 2, 2).sentence.endswith("a month while 2 instances run")


def test_of_spot_the_price_on_demand_is_the_most() -> None:
    cost = prices.monthly("t3.micro", 1, 3, is_spot=True)
    assert cost.sentence.startswith("less than $12.10 a month")
    assert "spot" in " ".join(cost.notes)
    assert cost.lines[0].what == "t3.micro at most"


@pytest.mark.parametrize(
    ("type_", "more", "is_cheaper"),
    [
        ("t3.micro", "$0.09 an hour more, $66.96 a month", True),
        ("t2.micro", "$0.045 an hour more", False),
        ("t4g.small", "$0.064 an hour more", False),
        ("t4g.medium", "$0.064 an hour more", True),
    ],
)
def test_credits_without_a_limit_are_warned_of(type_: str, more: str, is_cheaper: bool) -> None:
    (told,) = [note for note in prices.monthly(type_, 1, 1).notes if "credits" in note]
    assert more in told
    assert ("c7i-flex.large at $0.085 an hour is cheaper" in told) is is_cheaper


def test_what_has_no_credits_is_not_warned_of() -> None:
    assert not [note for note in prices.monthly("c7i-flex.large", 1, 1).notes if "credits" in note]


def test_the_prices_say_of_when_and_where_they_are() -> None:
    assert (
        prices.monthly("t3.micro", 1, 1)
        .notes[0]
        .startswith(f"list prices of us-east-1, {prices.LISTED}, 744 hours")
    )


def metrics(found: Any) -> int:
    """Return how many metrics an alarm or a policy watches."""
    return sum("MetricStat" in one for one in found)


@pytest.mark.parametrize("least", [0, 1])
def test_the_alarms_are_those_of_the_template(least: int) -> None:
    document = Document.of_the_lab()
    watched = 0
    for name, resource in document.whole["Resources"].items():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::CloudWatch::Alarm" and not (least and name == "WakeAlarm"):
            watched += metrics(properties["Metrics"]) if "Metrics" in properties else 1
    policy = document.properties("HoldBacklog")["TargetTrackingConfiguration"]
    watched += 2 * metrics(policy["CustomizedMetricSpecification"]["Metrics"]) + 2
    queues = len(permissions.names_of(Settings(), "us-east-1", ACCOUNT).taken)
    scaled, polled = min(queues, template.MOST_SCALED), min(queues, template.MOST_POLLED)
    assert prices.alarms(queues, scaled, polled, least) == watched


def test_the_disk_is_that_of_the_template() -> None:
    data = Document.of_the_lab().properties("WorkerTemplate")["LaunchTemplateData"]
    (disk,) = data["BlockDeviceMappings"]
    assert disk["Ebs"]["VolumeSize"] == prices.DISK
    assert disk["Ebs"]["VolumeType"] == "gp3"
