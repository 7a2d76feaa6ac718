"""What is no TOML is told in the words of whoever wrote it, with its line."""

from __future__ import annotations

import pytest

from labapp.dialects import toml


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("queue = inbox", 1, "this is no value from character 9 on"),
        ("queue = “inbox”", 1, "TOML has other quotes from character 9 on"),
        ('a = 1\nbody = "{"mean": 1}"', 2, "there is more behind the value from character 11 on"),
        ('a = "x\nb = 1', 1, "a quote is not closed on its line from character 7 on"),
        ('a = "\x01"', 1, "this character stands in no text from character 6 on"),
        ("a = 1\nb = '''x\n\n", 2, "a quote is not closed"),
        (r'a = "\d"', 1, "a backslash stands alone from character 8 on"),
        ('a\n: "x"', 1, "a key has no = behind it from character 2 on"),
        ("a = { é = 1 }", 1, "a key has a letter beyond a to z from character 7 on"),
        ("médiane = 1", 1, "a key has a letter beyond a to z from character 2 on"),
        ("a = [1, 2", 1, "a list is not closed"),
        ("a = [1 2]", 1, "a list is not closed from character 8 on"),
        ('a = { b = "c" d = "e" }', 1, "braces are not closed from character 15 on"),
        ("a = {\n b = 1\n}", 1, "braces are not closed on their line from character 6 on"),
        ("a = { b = 1, }", 1, "a comma stands before the brace from character 14 on"),
        ("[request]\na = 1\n[request]", 3, "this table is there already from character 9 on"),
        ("[queue.a]\n[queue.a]", 2, "this table is there already from character 9 on"),
        ("[request]\n[[request]]", 2, "this table is there already from character 10 on"),
        ("a = 1\na = 2", 2, "a key is there twice"),
        ("a = { b = 1, b = 2 }", 1, "a key is there twice from character 19 on"),
        (f"a = {'9' * 5000}", 0, "a number has too many digits"),
        (f"a = {'[' * 5000}", 0, "lists or tables nest too deep"),
        ("a = 1\n[[request]", 2, "a bracket is missing from character 10 on"),
        ("[queue.a\nb = 1", 1, "a bracket is missing from character 9 on"),
        ("[request]]", 1, "there is a bracket too many from character 10 on"),
        (
            "\n[[request.reply]]\n[[request]]",
            2,
            "[[request.reply]] stands above the first [[request]]",
        ),
        (
            "[request.when]\na = 1\n[[request]]",
            1,
            "[request.when] stands above the first [[request]]",
        ),
        ("queue = 'a'\n[[request]]\n[queue.a]", 1, "queue stands above the first [[request]]"),
        ("[queue.]", 1, "this is not TOML from character 8 on"),
    ],
)
def test_what_is_wrong_is_told_in_everyday_words(text: str, line: int, what: str) -> None:
    document, fault = toml.read(text)
    assert document == {}
    assert fault
    assert (fault.line, fault.what) == (line, what)
    assert fault.remedy.endswith(".")


def test_what_is_right_is_read() -> None:
    assert toml.read("a.b = 1") == ({"a": {"b": 1}}, None)
