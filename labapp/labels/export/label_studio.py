"""Export as Label Studio tasks: a JSON array, one task per picture, one annotation per answer.

Skips are annotations with `was_cancelled` true; a picture nobody has seen is a task without any.
Label Studio knows annotators by the e-mail addresses of its accounts, so who answered is written as
such. It takes annotations of people without an account only where it is started with
ALLOW_IMPORT_TASKS_WITH_UNKNOWN_EMAILS=true (its `_insert_valid_completed_by`).
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.effective import PictureLabels
from labapp.labels.export.format import Format, Labels, compact_json
from labapp.labels.label_file import Entry, Label
from labapp.labels.tally import tally
from labapp.utc import format_time

#: The names that the labelling configuration gives to its choices and its image.
FROM_NAME = "cls"
TO_NAME = "img"


def configuration(scheme: Scheme) -> str:
    """Return the labelling configuration that a project of Label Studio needs for these tasks."""
    choices = "\n    ".join(
        f"<Choice value={quoteattr(each.name)} hotkey={quoteattr(each.key)}/>"
        for each in scheme.classes
    )
    return f"""\
<View>
  <Image name="{TO_NAME}" value="$image"/>
  <Choices name="{FROM_NAME}" toName="{TO_NAME}" choice="single" showInline="true">
    {choices}
  </Choices>
</View>
"""


def label_studio(labels: Labels) -> Iterator[str]:
    """Yield a JSON array, a task at a time."""
    opening = "["
    for picture in labels.by_key():
        task = {
            "data": {"image": labels.address(picture)},
            "annotations": [
                _annotation(entry, labels.scheme) for entry in (*picture.answers, *picture.skips)
            ],
            **_prediction(labels, picture),
        }
        yield opening + compact_json(task)
        opening = ",\n"
    yield "[]\n" if opening == "[" else "]\n"


def _prediction(labels: Labels, picture: PictureLabels) -> dict[str, object]:
    """Return what a model says of a picture, as a prediction of Label Studio; nothing without."""
    counted = tally(picture, labels.layout)
    taken, sure = labels.class_of(counted), labels.probability_of(counted)
    if taken is None or sure is None:
        return {}
    said = {
        "model_version": "dawid-skene",
        "score": round(sure, 4),
        "result": [_choice(Entry(Label.of(taken)), taken)],
    }
    return {"predictions": [said]}


def _annotation(entry: Entry, scheme: Scheme) -> dict[str, object]:
    """Return the annotation of one answer or skip; an anonymous one has neither person nor time."""
    known: dict[str, object] = {}
    if entry.at is not None:
        known = {
            "completed_by": {"email": entry.annotator},
            "created_at": format_time(entry.at),
            "unique_id": entry.answer_id,
        }
    # Left out, Label Studio takes what it imports for the ground truth.
    how = {"was_cancelled": not entry.is_answer, "ground_truth": False}
    said = None if entry.code is None else scheme.by_code.get(entry.code)
    result = [_choice(entry, said)] if said else []
    return {"result": result, **how, **known}


def _choice(entry: Entry, answer: LabelClass) -> dict[str, object]:
    # Label Studio keeps the id of a result, and writes it out again.
    identity = {"id": entry.answer_id} if entry.answer_id else {}
    return {
        **identity,
        "from_name": FROM_NAME,
        "to_name": TO_NAME,
        "type": "choices",
        "value": {"choices": [answer.name]},
    }


FORMAT = Format(
    "label-studio",
    "Label Studio tasks with an annotation per answer",
    lambda labels: {
        "tasks.json": label_studio(labels),
        "labelling.xml": iter([configuration(labels.scheme)]),
    },
    answers="tasks.json",
    advice="is the project's labelling configuration; annotators need accounts under these names,"
    " or ALLOW_IMPORT_TASKS_WITH_UNKNOWN_EMAILS=true on the server",
)
