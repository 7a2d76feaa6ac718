"""S3 tells the picture queue of drops, whatever else the bucket and the queue are set up for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labapp.cloud import notifications
from labapp.cloud.patience import MINUTE
from labapp.cloud.policies import with_statement
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError
from labapp.jobs import lab
from tests.support.aws_answers import refusal
from tests.support.clock import Clock


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pass time at once, and note how long each sleep would have been."""
    clock = Clock()
    monkeypatch.setattr("labapp.cloud.patience.time", clock)
    return clock.rests


def rules(cloud: Cloud) -> list[Any]:
    found: Any = cloud.s3.get_bucket_notification_configuration(Bucket=cloud.bucket_name)
    return list(found.get("QueueConfigurations", ()))


def set_rule(cloud: Cloud, prefix: str, target: str, **more: str) -> None:
    rule: Any = {"QueueArn": target, "Events": ["s3:ObjectCreated:*"], **more}
    if prefix:
        rule["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}}
    cloud.s3.put_bucket_notification_configuration(
        Bucket=cloud.bucket_name, NotificationConfiguration={"QueueConfigurations": [rule]}
    )


def statements(cloud: Cloud) -> list[Any]:
    """Return the statements of the picture queue's policy."""
    url = Queue(cloud, "imageInbox").url
    found = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    policy = json.loads(found.get("Attributes", {}).get("Policy", "{}"))
    return list(policy.get("Statement", ()))


def allowed(cloud: Cloud) -> list[str]:
    """Return the names of the statements of the picture queue's policy."""
    return [one["Sid"] for one in statements(cloud)]


def test_the_first_run_sets_rule_and_policy_and_the_next_changes_nothing(cloud: Cloud) -> None:
    (rule,) = rules(cloud)
    arn = Queue(cloud, "imageInbox").arn
    assert rule == {
        "Id": "labapp-drop",
        "QueueArn": arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "drop/"}]}},
    }
    assert statements(cloud) == [
        {
            "Sid": "LabappDrop",
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {
                "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{cloud.bucket_name}"},
                "StringEquals": {"aws:SourceAccount": "123456789012"},
            },
        }
    ]
    assert notifications.notify(cloud, "imageInbox", "drop/") is False
    assert rules(cloud) == [rule]
    assert allowed(cloud) == [notifications.STATEMENT]


def test_a_queue_that_was_made_anew_lets_s3_in_again(cloud: Cloud) -> None:
    cloud.sqs.delete_queue(QueueUrl=Queue(cloud, "imageInbox").url)
    for _ in lab.up(cloud):
        pass
    assert allowed(cloud) == [notifications.STATEMENT]


def test_a_dry_run_tells_that_a_queue_which_is_not_there_would_let_s3_in(cloud: Cloud) -> None:
    assert notifications.admit(cloud, "imageInbox", dry=True) is False
    cloud.sqs.delete_queue(QueueUrl=Queue(cloud, "imageInbox").url)
    assert notifications.admit(cloud, "imageInbox", dry=True) is True
    assert not Queue(cloud, "imageInbox").exists()


def test_a_policy_of_before_that_names_no_account_is_replaced_and_what_others_put_stays(
    cloud: Cloud,
) -> None:
    (ours,) = statements(cloud)
    others = {**ours, "Sid": "Theirs"}
    before: Any = {**ours, "Condition": {"ArnEquals": ours["Condition"]["ArnEquals"]}}
    policy: Any = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [before, others]})}
    cloud.sqs.set_queue_attributes(QueueUrl=Queue(cloud, "imageInbox").url, Attributes=policy)
    told = [each.made for each in lab.up(cloud) if each.kind == "policy"]
    assert told == [True]
    assert sorted(one["Sid"] for one in statements(cloud)) == ["LabappDrop", "Theirs"]
    assert ours in statements(cloud)


@pytest.mark.parametrize(
    ("status", "account"), [(200, "123456789012"), (404, "123456789012"), (403, "")]
)
def test_the_account_of_a_bucket_that_a_setting_names_is_told_as_far_as_it_is_known(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, status: int, account: str
) -> None:
    asked = []

    def head(**words: str) -> None:
        asked.append(words.get("ExpectedBucketOwner"))
        if status != 200:
            raise refusal(str(status), status, "", "HeadBucket")

    monkeypatch.setattr(Cloud, "bucket_owner", "")  # as where a setting names the bucket
    monkeypatch.setattr(cloud.s3, "head_bucket", head)
    notifications.admit(cloud, "imageInbox")
    assert asked == ["123456789012"]
    (statement,) = statements(cloud)
    found = statement["Condition"].get("StringEquals", {}).get("aws:SourceAccount", "")
    assert found == account


def test_a_dry_run_changes_no_policy(cloud: Cloud) -> None:
    empty: Any = {"Policy": ""}
    cloud.sqs.set_queue_attributes(QueueUrl=Queue(cloud, "imageInbox").url, Attributes=empty)
    assert notifications.admit(cloud, "imageInbox", dry=True) is True
    assert allowed(cloud) == []
    assert notifications.admit(cloud, "imageInbox") is True
    assert allowed(cloud) == [notifications.STATEMENT]
    assert notifications.admit(cloud, "imageInbox") is False


def test_a_dry_run_of_the_rule_looks_at_queue_and_rules_and_changes_neither(cloud: Cloud) -> None:
    assert notifications.notify(cloud, "imageInbox", "drop/", dry=True) is False
    cloud.s3.put_bucket_notification_configuration(
        Bucket=cloud.bucket_name, NotificationConfiguration={}
    )
    nothing: Any = {"Policy": ""}
    cloud.sqs.set_queue_attributes(QueueUrl=Queue(cloud, "imageInbox").url, Attributes=nothing)
    assert notifications.notify(cloud, "imageInbox", "drop/", dry=True) is True
    assert (rules(cloud), allowed(cloud)) == ([], [])
    cloud.sqs.delete_queue(QueueUrl=Queue(cloud, "imageInbox").url)
    assert notifications.notify(cloud, "imageInbox", "drop/", dry=True) is True


def test_whatever_else_the_bucket_tells_others_is_kept(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs: dict[str, Any] = {
        "TopicConfigurations": [{"TopicArn": "t", "Events": ["s3:ObjectCreated:*"]}],
        "LambdaFunctionConfigurations": [
            {"LambdaFunctionArn": "l", "Events": ["s3:Replication:*"]}
        ],
        "EventBridgeConfiguration": {},
    }
    told: list[Any] = []

    def show(**_: str) -> Any:
        return {
            "ResponseMetadata": {},
            **(told[0]["NotificationConfiguration"] if told else theirs),
        }

    s3 = cloud.s3
    monkeypatch.setattr(s3, "get_bucket_notification_configuration", show)
    monkeypatch.setattr(
        s3, "put_bucket_notification_configuration", lambda **asked: told.append(asked)
    )
    assert notifications.notify(cloud, "imageInbox", "drop/") is True
    (asked,) = told
    written = asked["NotificationConfiguration"]
    assert [rule["Id"] for rule in written.pop("QueueConfigurations")] == ["labapp-drop"]
    assert (asked["Bucket"], written) == (cloud.bucket_name, theirs)


@pytest.mark.parametrize(
    ("events", "name", "value", "takes"),
    [
        (["s3:ObjectCreated:Put"], "Prefix", "drop/", True),
        (["s3:ObjectRemoved:*", "s3:ObjectCreated:*"], "prefix", "drop/", True),
        (["s3:ObjectRemoved:*"], "prefix", "drop/", False),
        (["s3:ObjectCreated:*"], "prefix", "camera/", False),
        (["s3:ObjectCreated:*"], "suffix", ".png", True),
    ],
)
def test_whether_a_rule_takes_drops_hangs_on_its_events_and_its_prefix(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, events: list[str], name: str, value: str,
    takes: bool,
) -> None:  # fmt: skip
    rule: Any = {
        "Id": "own", "QueueArn": Queue(cloud, "imageInbox").arn, "Events": events,
        "Filter": {"Key": {"FilterRules": [{"Name": name, "Value": value}]}},
    }  # fmt: skip
    monkeypatch.setattr(
        cloud.s3, "get_bucket_notification_configuration",
        lambda **_: {"QueueConfigurations": [rule]},
    )  # fmt: skip
    assert notifications.notify(cloud, "imageInbox", "drop/", dry=True) is not takes


@pytest.mark.parametrize("own", [None, "2008-10-17"])
def test_a_policy_says_of_which_language_it_is(own: str | None) -> None:
    statement = {"Sid": "Ours", "Effect": "Allow"}
    before = {"Version": own} if own else {}
    after = with_statement(before, statement)
    assert after == {"Version": own or "2012-10-17", "Statement": [statement]}
    assert with_statement(after, statement) is after
    changed = with_statement(after, {**statement, "Effect": "Deny"})
    assert changed["Statement"] == [{"Sid": "Ours", "Effect": "Deny"}]


def test_a_policy_of_the_labs_own_is_kept(cloud: Cloud) -> None:
    queue = Queue(cloud, "imageInbox")
    own = {"Sid": "Own", "Effect": "Allow", "Principal": "*", "Action": "sqs:*",
           "Resource": queue.arn}  # fmt: skip
    policy: Any = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": own})}
    cloud.sqs.set_queue_attributes(QueueUrl=queue.url, Attributes=policy)
    notifications.notify(cloud, "imageInbox", "drop/")
    assert allowed(cloud) == ["Own", notifications.STATEMENT]


def test_a_rule_of_the_labs_own_for_another_prefix_does_not_stand_for_ours(cloud: Cloud) -> None:
    set_rule(cloud, "camera/", Queue(cloud, "imageInbox").arn, Id="own")
    assert notifications.notify(cloud, "imageInbox", "drop/") is True
    assert [rule["Id"] for rule in rules(cloud)] == ["own", "labapp-drop"]


@pytest.mark.parametrize("prefix", ["", "drop/", "dr", "drop/blur/"])
def test_a_rule_that_takes_drops_already_is_left_as_s3_allows_no_second(
    cloud: Cloud, prefix: str
) -> None:
    set_rule(cloud, prefix, Queue(cloud, "imageInbox").arn, Id="own")
    assert notifications.notify(cloud, "imageInbox", "drop/") is False
    assert [rule["Id"] for rule in rules(cloud)] == ["own"]


def test_our_rule_follows_the_setting_to_another_queue(cloud: Cloud) -> None:
    set_rule(cloud, "drop/", Queue(cloud, "imageOutbox").arn, Id="labapp-drop")
    assert notifications.notify(cloud, "imageInbox", "drop/") is True
    (rule,) = rules(cloud)
    assert rule["QueueArn"] == Queue(cloud, "imageInbox").arn


def refusing(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, times: int, message: str) -> None:
    """Let S3 refuse new notifications some times."""
    left = [times]

    def refused(**asked: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise refusal("InvalidArgument", 400, message)
        return put(**asked)

    put = cloud.s3.put_bucket_notification_configuration
    monkeypatch.setattr(cloud.s3, "put_bucket_notification_configuration", refused)


NOT_YET = "Unable to validate the following destination configurations"


def test_a_policy_that_s3_does_not_see_yet_is_waited_for(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, naps: list[float]
) -> None:
    set_rule(cloud, "camera/", Queue(cloud, "imageInbox").arn)
    refusing(cloud, monkeypatch, 4, NOT_YET)
    assert notifications.notify(cloud, "imageInbox", "drop/") is True
    assert sum(naps) == 0.5 + 1 + 2 + 4
    assert len(rules(cloud)) == 2


@pytest.mark.parametrize(("message", "waited"), [(NOT_YET, MINUTE), ("Configurations overlap", 0)])
def test_what_no_minute_mends_is_told(
    cloud: Cloud,
    monkeypatch: pytest.MonkeyPatch,
    naps: list[float],
    message: str,
    waited: float,
) -> None:
    set_rule(cloud, "camera/", Queue(cloud, "imageInbox").arn)
    refusing(cloud, monkeypatch, 1000, message)
    with pytest.raises(CloudError, match=message):
        notifications.notify(cloud, "imageInbox", "drop/")
    assert sum(naps) == waited
