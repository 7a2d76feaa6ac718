from __future__ import annotations

import pytest

from labapp.errors import RefusedError
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.wire import DONE, MOST_BODY, NobodyToAnswerError, Reply, Request
from labapp.settings import Settings
from labapp.worker.handlers import NumbersHandler


def work(body: str, client: str = "ada", **settings: int) -> Reply:
    return NumbersHandler(Settings(**settings)).work(Request(body, "job-1", client))  # type: ignore[arg-type]


def test_it_has_the_threads_that_settings_give() -> None:
    numbers = NumbersHandler(Settings(concurrency=7))
    assert (numbers.kind, numbers.quick, numbers.concurrency) == (NUMBERS, True, 7)


def test_a_list_is_summed_up_in_words_and_values() -> None:
    reply = work("1,12,55,4")
    assert (reply.job, reply.status) == ("job-1", DONE)
    assert reply.body == "minimum is 1 maximum is 55 average is 18 median is 8 sum is 72"
    assert '"sum": 72' in reply.result


@pytest.mark.parametrize("body", ["1,x", "1,-2", "1,2,3", "1" * (MOST_BODY + 1)])
def test_a_list_that_breaks_a_rule_is_refused(body: str) -> None:
    with pytest.raises(RefusedError):
        work(body, max_integers=2)


def test_what_a_program_wrote_is_answered_to_nobody_but_clients_of_ours() -> None:
    with pytest.raises(NobodyToAnswerError, match="JSON that a program wrote"):
        work('{"Records": []}', "")
    with pytest.raises(RefusedError) as caught:
        work('{"Records": []}')
    assert not isinstance(caught.value, NobodyToAnswerError)
