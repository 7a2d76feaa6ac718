"""Flat records, as tables and JSON have them: which of their fields says what, by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from labapp.labels.classes import Scheme
from labapp.labels.importing.row import Reading, Said

#: What fields are called, by what they say, the surest name first: ours, those of Label Studio's
#: CSV and JSON-MIN (label_studio_sdk/converter, `csv2.prepare_annotation`, `convert_to_json_min`),
#: of Hugging Face's and scikit-learn's examples, and what people call them.
_NAMES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "picture": (
            *("image_key", "key", "image", "picture", "photo", "img", "file_name", "filename"),
            *("image_name", "image_path", "image_url", "file", "path", "url", "name"),
            *("image_id", "id"),
        ),
        "sha256": ("sha256",),
        "label": (
            *("label", "class", "class_name", "category", "choice", "answer", "code"),
            *("predicted_label", "predicted_class", "prediction", "predicted"),
        ),
        "annotator": (
            *("annotator", "completed_by", "annotated_by", "labeled_by", "labelled_by"),
            *("labeler", "labeller", "worker", "user", "email"),
        ),
        "time": ("labelled_at", "labeled_at", "annotated_at", "created_at", "timestamp", "time"),
        "answer_id": ("answer_id",),
        "number": ("annotation_id",),
        "confidence": ("confidence", "score", "probability", "prob"),
        "skipped": ("was_cancelled",),
    }
)

#: Fields of Label Studio's own beside those above; what is left then is the data and the controls.
_OTHERS = frozenset({"id", "updated_at", "lead_time", "agreement"})

_NUMBER = re.compile(r"[0-9]{1,18}")

_TRUE = frozenset({"true", "1", "yes"})


@lru_cache(maxsize=256)
def meanings(names: tuple[str, ...]) -> Mapping[str, str]:
    """Return which of some fields, however they are written, says what."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(_plain(name), name)
    if is_label_studios(names):
        known.pop("id", None)  # of the task
    found = {
        meaning: next((known[one] for one in called if one in known), "")
        for meaning, called in _NAMES.items()
    }
    return {meaning: name for meaning, name in found.items() if name}


@lru_cache(maxsize=256)
def is_label_studios(names: tuple[str, ...]) -> bool:
    """Tell whether some fields are those of Label Studio's CSV or JSON-MIN."""
    return {"annotation_id", "annotator", "lead_time"} <= set(map(_plain, names))


@lru_cache(maxsize=256)
def shares(names: tuple[str, ...], scheme: Scheme) -> Mapping[str, str]:
    """Return the fields that are called as a class is, where there are two or more of them."""
    found = {name: each.name for name in names if (each := scheme.called(name))}
    return found if len(found) > 1 else {}


def said(line: int, found: Mapping[str, object], reading: Reading) -> Said:
    """Return what a record says."""
    names = tuple(found)
    means = meanings(names)

    def value(meaning: str) -> object:
        name = means.get(meaning, "")
        return "" if not name or found[name] is None else found[name]

    def text(meaning: str) -> str:
        return str(value(meaning)).strip()

    picture, label, confidence = text("picture"), value("label"), value("confidence")
    if is_studios := is_label_studios(names):
        rest = _rest(found, means)
        picture = picture or next((one for one in rest if "/" in one), "")
        if not label and label != 0:
            label = _controls_choice([one for one in rest if one != picture], reading.scheme)
    if "label" not in means and reading.predicted:
        label, confidence = _likeliest(found, shares(names, reading.scheme))
    who = who_of(value("annotator")) if "annotator" in means else None
    if who and is_studios and _NUMBER.fullmatch(who):  # its CSV has numbers as texts
        who = who_of(int(who))
    is_skip = text("skipped").casefold() in _TRUE
    return Said(
        line,
        picture,
        text("sha256"),
        label,
        who,
        "label-studio" if is_studios else "",
        text("time"),
        text("answer_id"),
        text("number") if "number" in means else None,
        confidence,
        str(found.get("class") or "").strip() if means.get("label") == "label" else "",
        is_skip,
    )


def who_of(value: object) -> str:
    """Return an annotator's name; of an account of Label Studio's its address, or its number."""
    if isinstance(value, dict):
        first = (value.get(name) for name in ("email", "username", "id"))
        value = next((each for each in first if each), "")
    if isinstance(value, int):
        return f"label-studio-{value}"
    return str(value or "").strip()


def _rest(found: Mapping[str, object], means: Mapping[str, str]) -> list[str]:
    """Return the texts of a record of Label Studio's in fields that may have any name.

    They are the task's own data, and what its controls say.
    """
    known = set(means.values())
    return [
        value
        for name, value in found.items()
        if name not in known and _plain(name) not in _OTHERS and isinstance(value, str)
    ]


def _controls_choice(said: Sequence[str], scheme: Scheme) -> str:
    """Return what a control says: the class, else whatever there is."""
    classes = [one for one in said if scheme.called(one)]
    return classes[0] if len(classes) == 1 else next(filter(None, said), "")


def _likeliest(found: Mapping[str, object], classes: Mapping[str, str]) -> tuple[object, object]:
    """Return the class that has the highest share in a record with one for each, and the share."""
    best: tuple[float, str, object] | None = None
    for name, called in classes.items():
        try:
            share = float(str(found[name]))
        except ValueError:
            return "", ""
        if best is None or share > best[0]:
            best = (share, called, found[name])
    return (best[1], best[2]) if best else ("", "")


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name).strip("_").casefold()
