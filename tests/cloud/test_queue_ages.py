"""Ages of messages on AWS are CloudWatch's, asked for at most once a minute, or left out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from labapp import utc
from labapp.cloud import endpoints, queue_ages
from labapp.cloud.endpoints import Endpoint, Endpoints
from labapp.cloud.session import Cloud
from labapp.jobs import queue_counts
from tests.support.waiting import PATIENCE
from tests.worker.worker_fakes import instead

WAITING = {"requestQueue": 3, "imageInbox": 0, "responseQueue": 1}


class Watch:
    """A cloud whose CloudWatch answers so, or raises so."""

    is_local = False

    def __init__(self, places: Endpoints | None = None) -> None:
        self.place = instead(endpoints=places or Endpoints())
        self.asked: list[dict[str, Any]] = []
        self.answer: Callable[[], dict[str, Any]] = lambda: {"MetricDataResults": []}

    def client(self, service: str) -> Any:
        assert service == "cloudwatch"
        return instead(get_metric_data=self._get)

    def _get(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return self.answer()

    def ages(self) -> dict[str, int]:
        cloud: Any = self
        return queue_ages.queue_ages(cloud, WAITING)


def _ages(*values: list[float]) -> Callable[[], dict[str, Any]]:
    results = [{"Id": f"q{number}", "Values": one} for number, one in enumerate(values)]
    return lambda: {"MetricDataResults": results}


def _refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetMetricData")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock = [1000.0]
    monkeypatch.setattr(queue_ages, "time", instead(monotonic=lambda: clock[0]))
    return clock


def test_all_queues_in_which_something_waits_are_one_request() -> None:
    watch = Watch()
    watch.answer = _ages([412.4, 352.0], [])
    assert watch.ages() == {"requestQueue": 412}
    (asked,) = watch.asked
    queries = [one["MetricStat"]["Metric"] for one in asked["MetricDataQueries"]]
    assert {one["MetricName"] for one in queries} == {"ApproximateAgeOfOldestMessage"}
    assert [one["Dimensions"][0]["Value"] for one in queries] == ["requestQueue", "responseQueue"]
    assert asked["EndTime"] - asked["StartTime"] == queue_ages.LOOKED_BACK


def test_cloudwatch_is_asked_once_a_minute_however_often_one_looks(now: list[float]) -> None:
    watch = Watch()
    watch.answer = _ages([60.0], [5.0])
    for _ in range(3):
        assert watch.ages() == {"requestQueue": 60, "responseQueue": 5}
    assert len(watch.asked) == 1
    now[0] += queue_ages.EVERY
    watch.ages()
    assert len(watch.asked) == 2


@pytest.mark.parametrize(
    "error",
    [_refusal("AccessDenied"), _refusal("UnknownOperation"), _refusal("InternalFailure"),
     EndpointConnectionError(endpoint_url="https://monitoring.example")],
)  # fmt: skip
def test_who_is_refused_it_or_finds_no_cloudwatch_is_told_nothing_and_not_asked_again(
    now: list[float], error: Exception
) -> None:
    watch = Watch()

    def refuse() -> dict[str, Any]:
        raise error

    watch.answer = refuse
    assert watch.ages() == {}
    now[0] += 10 * queue_ages.EVERY
    assert watch.ages() == {}
    assert len(watch.asked) == 1


def test_what_nobody_foresaw_leaves_ages_out_as_well() -> None:
    watch = Watch()
    watch.answer = lambda: {"MetricDataResults": [{"Id": "odd", "Values": [1.0]}]}
    assert watch.ages() == {}
    assert watch.ages() == {}
    assert len(watch.asked) == 1


def test_credentials_that_ended_are_no_answer_for_good(now: list[float]) -> None:
    watch = Watch()

    def refuse() -> dict[str, Any]:
        raise _refusal("ExpiredToken")

    watch.answer = refuse
    assert watch.ages() == {}
    watch.answer = _ages([7.0])
    now[0] += queue_ages.EVERY
    assert watch.ages() == {"requestQueue": 7}


def test_an_answer_that_is_late_is_there_for_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_ages, "PATIENCE", 0.01)
    watch, begun, free = Watch(), threading.Event(), threading.Event()

    def late() -> dict[str, Any]:
        begun.set()
        free.wait()
        return _ages([9.0])()

    watch.answer = late
    assert watch.ages() == {}
    assert watch.ages() == {}
    assert begun.wait(PATIENCE)
    free.set()
    cloud: Any = watch
    with queue_ages._asked[cloud].asking:  # it has answered
        assert watch.ages() == {"requestQueue": 9}
    assert len(watch.asked) == 1


@pytest.mark.parametrize(
    ("places", "asked"),
    [
        (Endpoints(), True),
        (endpoints.at("http://127.0.0.1:4566"), True),
        (Endpoints(sqs=Endpoint("http://elastic.example:9324", "")), False),
        (Endpoints(s3=Endpoint("http://minio.example:9000", "")), True),
    ],
)
def test_amazons_cloudwatch_is_not_asked_for_queues_that_are_elsewhere(
    places: Endpoints, asked: bool
) -> None:
    watch = Watch(places)
    watch.ages()
    assert len(watch.asked) == asked


def test_nobody_is_asked_where_nothing_waits() -> None:
    watch = Watch()
    cloud: Any = watch
    assert queue_ages.queue_ages(cloud, {"requestQueue": 0}) == {}
    assert watch.asked == []


def test_an_admin_sees_what_cloudwatch_has_and_a_worker_asks_nothing(cloud: Cloud) -> None:
    queue_ages._asked.pop(cloud, None)  # this account was another test's before
    cloud.sqs.send_message(QueueUrl=_url(cloud), MessageBody="1,2")
    boto3.client("cloudwatch", region_name=cloud.place.region).put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[
            {
                "MetricName": "ApproximateAgeOfOldestMessage",
                "Dimensions": [{"Name": "QueueName", "Value": "requestQueue"}],
                "Value": 95.0,
                "Timestamp": utc.now() - timedelta(minutes=2),
            }
        ],
    )
    workers = {row.name: row.oldest for row in queue_counts.lab_rows(cloud)}
    assert workers["requestQueue"] is None
    admins = {row.name: row.oldest for row in queue_counts.queue_rows(cloud)}
    assert admins["requestQueue"] == 95
    assert {age for name, age in admins.items() if name != "requestQueue"} == {None}


def _url(cloud: Cloud) -> str:
    return cloud.sqs.get_queue_url(QueueName="requestQueue")["QueueUrl"]
