"""The form of a message asks for the attributes that a dialect names, and keeps none by halves."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labapp import settings
from labapp.console import prompts
from labapp.dialects import loading
from labapp.programs.dialect import try_page
from tests.programs.dialect.test_commands import TWO

#: Two attributes of the first request, one of the second, each once; of patterns none.
NAMED = """\
[[request]]
when = { "attr.Kind" = "x" }
numbers = "{attr.entier*}"
[[request]]
picture = "{attr.Key}"
steps = { by = "{attr.Kind}", "1" = "blur:sigma={attr.Sigma|2}", else = "flip" }
"""


def test_attributes_are_named_once_in_the_order_of_the_file() -> None:
    assert try_page.named(loading.parse(NAMED, Path("n.toml"))) == ["Kind", "Key", "Sigma"]


def test_the_form_gives_the_message_that_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["1,2,51", "RequestType=Mean", "Key=", "x1:Number=5", ""])
    asked: list[str] = []

    def text(question: str, *, check: Any = str, **_: Any) -> str:
        asked.append(question)
        answer = next(typed)
        assert check(answer) in ("", answer)
        assert "is no attribute" in check("x") or question == "Body:"
        return answer

    monkeypatch.setattr(prompts, "text", text)
    tried = try_page._ask(_menu(), loading.parse(TWO, Path("two.toml")))
    assert tried.state == "answered"
    (answer,) = tried.trial.answers
    assert (answer.body, sorted(answer.attributes)) == ("2,18", ["ResponseType", "x1"])
    assert asked == ["Body:", "Attribute 1:", "Attribute 2:", "Attribute 2:", "Attribute 3:"]
    assert not list(typed)


def test_a_message_of_a_queue_among_several_and_of_a_group_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    block = '[[request]]\nqueue = "{}"\nanswer = "out"\nnumbers = "{{body}}"\n'
    typed = iter(["1,2", "", "ada"])
    monkeypatch.setattr(prompts, "text", lambda *_, **__: next(typed))
    monkeypatch.setattr(try_page, "search_list", lambda _, options, **__: options[1].value)
    text = block.format("one") + block.format("two.fifo")
    tried = try_page._ask(_menu(), loading.parse(text, Path("two.toml")))
    assert tried.trial.block
    assert tried.trial.block.queue == "two.fifo"
    assert not list(typed)


def _menu() -> Any:
    loaded = settings.load({})
    return SimpleNamespace(frame=None, context=SimpleNamespace(settings=loaded.settings))
