"""Answers and predictions in Label Studio's tasks.

A task has its data, annotations (`completions` before version 1.0) and predictions (Label Studio
JSON format of annotated tasks, labelstud.io/guide/task_format). An annotation has results, each of
a control of any name and type; the one that counts here is a choice which is a class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from labapp import foreign
from labapp.labels.classes import Scheme
from labapp.labels.importing import records
from labapp.labels.importing.row import Reading, Said

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_OWN_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")  # a ULID, as our programs make it


def of_task(line: int, task: Mapping[str, Any], reading: Reading) -> Iterator[Said]:
    """Yield what the annotations of a task say, or its predictions."""
    data = task["data"]
    texts = [one for one in data.values() if isinstance(one, str)]
    picture = str(data.get("image") or (texts[0] if texts else ""))
    if reading.predicted:
        those, of = task.get("predictions"), _of_prediction
    else:
        those, of = task.get("annotations") or task.get("completions"), _of_annotation
    for one in foreign.as_list(those):
        if isinstance(one, dict):
            yield of(line, picture, one, reading)
        else:
            yield Said(line, picture, reason="an annotation is no JSON object")


def _of_annotation(line: int, picture: str, one: Mapping[str, Any], reading: Reading) -> Said:
    label, result_id, _, reason = "", "", "", ""
    if not (is_skip := bool(one.get("was_cancelled"))):
        label, result_id, _, reason = _choice(one, reading.scheme)
    known = str(one.get("unique_id") or "")
    own_id = result_id if _OWN_ID.fullmatch(result_id) else known if _ID.fullmatch(known) else ""
    return Said(
        line,
        picture,
        label=label,
        annotator=records.who_of(one.get("completed_by")),
        unnamed="label-studio",
        time=str(one.get("created_at") or one.get("updated_at") or ""),
        answer_id=own_id,
        number=str(one.get("id") or ""),
        is_skip=is_skip,
        reason=reason,
    )


def _of_prediction(line: int, picture: str, one: Mapping[str, Any], reading: Reading) -> Said:
    label, _, score, reason = _choice(one, reading.scheme)
    whole = one.get("score")
    confidence = score if whole is None else whole
    return Said(line, picture, label=label, confidence=confidence, reason=reason)


def _choice(one: Mapping[str, Any], scheme: Scheme) -> tuple[str, str, object, str]:
    """Return what is chosen, the id and the score of that result, and why there is no choice.

    Of several the one that is a class counts: the others are of other questions.
    """
    results = [each for each in foreign.as_list(one.get("result")) if isinstance(each, dict)]
    found = [
        (str(choice), str(each.get("id") or ""), each.get("score", ""), "")
        for each in results
        for choice in foreign.as_list(foreign.table(each.get("value")).get("choices"))
    ]
    classes = [each for each in found if scheme.called(each[0])]
    if len(classes) == 1 or len(found) == 1:
        return (classes or found)[0]
    types = sorted({foreign.text(each.get("type")) for each in results} - {"", "choices"})
    others = f"; it has {', '.join(types)}" if types else ""
    return "", "", "", f"an annotation has {len(found)} choices instead of one{others}"
