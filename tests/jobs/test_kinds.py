from __future__ import annotations

import re
from pathlib import Path

import pytest

from labapp.cloud.queues import Message
from labapp.errors import SettingError
from labapp.jobs import kinds
from labapp.jobs.entry import Entry
from labapp.jobs.kind import JobKind
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.wire import NobodyToAnswerError, Request, decode_request
from labapp.settings import Settings, load

LETTERS = JobKind("letters", "letterQueue", "response_queue", "nowhere:Nothing", ("language",))


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> JobKind:
    """Have a third kind of job, whose queue has a name of its own and no setting."""
    monkeypatch.setattr(kinds, "KINDS", dict(kinds.KINDS))
    kinds.register(LETTERS)
    return LETTERS


def test_the_kinds_are_told_in_the_order_of_their_lines() -> None:
    assert kinds.all_kinds() == (NUMBERS, PICTURES)
    assert kinds.attributes() == ("pipeline", "format", "quality")
    lab = ("requestQueue", "responseQueue", "imageInbox", "imageOutbox")
    assert kinds.queue_names(Settings()) == lab
    settings = ("request_queue", "response_queue", "image_inbox", "image_outbox")
    assert kinds.queue_settings() == settings


def test_the_settings_of_its_queues_are_named_by_a_kinds_own_files_alone() -> None:
    labapp = Path(kinds.__file__).parent.parent
    named = re.compile(r"\b(request_queue|image_inbox|image_outbox)\b(?!_)")
    files = {
        str(path.relative_to(labapp))
        for path in labapp.rglob("*.py")
        if named.search(path.read_text("utf-8"))
    }
    kinds_own = {f"jobs/{name}.py" for name in ("kind", "kinds", "number_kind", "picture_kind")}
    # The fleet's template has a parameter for each; that none is left out is held by its own tests.
    fleet = "cloud/fleet/parameters.py"
    assert files == kinds_own | {"settings_table.py", "cloud/session.py", fleet}


def test_a_lab_may_name_the_queues() -> None:
    settings = Settings(request_queue="in", response_queue="out", image_inbox="pictures")
    assert NUMBERS.request_queue_name(settings) == "in"
    assert NUMBERS.plain_replies_name(settings) == "out"
    assert kinds.queue_names(settings) == ("in", "out", "pictures", "imageOutbox")


def test_a_third_kind_is_known_everywhere(letters: JobKind) -> None:
    assert kinds.all_kinds() == (NUMBERS, PICTURES, letters)
    assert kinds.kind_of("letters") is letters
    assert kinds.attributes() == ("pipeline", "format", "quality", "language")
    assert kinds.queue_names(Settings())[-1] == "letterQueue"
    assert kinds.queue_names(Settings()).count("responseQueue") == 1, "which kinds may share"
    assert "letterQueue" not in kinds.queue_settings(), "no flag names it"


@pytest.mark.usefixtures("letters")
def test_the_attributes_of_a_third_kind_travel() -> None:
    sent = Request("a b", "job-1", "ada", {"language": "de"}).outgoing()
    given = dict(sent.attributes)
    message = Message("id", "a b", given, frozenset(), "receipt", 1, 0.0, 0.0)
    assert decode_request(message).attributes == {"language": "de"}
    odd = Message("id", "a b", {"labapp": "1"}, frozenset({"language"}), "receipt", 1, 0.0, 0.0)
    with pytest.raises(NobodyToAnswerError, match="the attribute language is not of the type"):
        decode_request(odd)


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize(
    ("name", "queue"), [("letters", "otherQueue"), ("numbers", "q"), ("words", "image_inbox")]
)
def test_two_kinds_of_one_name_or_one_queue_are_a_mistake(name: str, queue: str) -> None:
    with pytest.raises(ValueError, match=f"another kind is called {name}, or takes from {queue}"):
        kinds.register(JobKind(name, queue, "response_queue", "nowhere:Nothing"))


def test_a_kind_that_a_newer_labapp_knows_is_shown_as_it_came() -> None:
    entry = Entry("j", "ada", "letters", "a b", 0.0, "done", 1.0, "2 words", "", '{"path": "x"}')
    assert (entry.title, entry.answer) == ("a b", "2 words")


@pytest.mark.usefixtures("letters")
def test_a_setting_that_takes_the_queue_of_a_kind_without_one_is_told() -> None:
    with pytest.raises(SettingError, match="request_queue is 'letterQueue', the name of another"):
        kinds.check_queues(Settings(request_queue="letterQueue"))
    with pytest.raises(SettingError, match="response_queue is 'letterQueue', the name of another"):
        kinds.check_queues(Settings(response_queue="letterQueue"))


@pytest.mark.parametrize("inbound", ["request_queue", "image_inbox"])
def test_queues_that_would_feed_a_worker_its_own_answers_are_told(inbound: str) -> None:
    with pytest.raises(SettingError, match=f"settings {inbound} and response_queue are both"):
        kinds.check_queues(load({inbound: "responseQueue"}, {}, ()).settings)


@pytest.mark.parametrize("inbound", ["request_queue", "image_inbox"])
@pytest.mark.parametrize("rest", ["requests", "dlq", "requests-dlq", "Requests"])
def test_a_queue_that_a_client_could_be_called_by_is_told(inbound: str, rest: str) -> None:
    with pytest.raises(SettingError, match=f"the setting {inbound} is 'lab-{rest}'") as caught:
        kinds.check_queues(load({"response_queue": "lab", inbound: f"lab-{rest}"}, {}, ()).settings)
    assert "does not begin with 'lab-'" in caught.value.remedy


def test_queues_may_share_the_beginning_of_their_names() -> None:
    names = {"response_queue": "lab-out", "request_queue": "lab-in", "image_inbox": "lab-outer"}
    kinds.check_queues(load(dict(names), {}, ()).settings)


def test_plain_clients_may_be_answered_on_one_queue() -> None:
    kinds.check_queues(Settings(image_outbox="responseQueue"))
