"""admin.py's commands for single pictures: verdicts, and what annotators say is broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.dataset import acting, annotator, counting, layouts, removal, stored_pictures
from labapp.dataset.calls import READERS, parallel_map
from labapp.errors import MissingResourceError, UsageError
from labapp.labels.remarks import Decided, remarks
from labapp.labels.tally import tally
from labapp.labels.tokens import annotator_name
from labapp.programs.dataset.words import class_called
from labapp.programs.deciding.annotators import crowd_of
from labapp.programs.deciding.table import FLAGS, Flagged
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket
    from labapp.dataset.acting import Settled
    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.labels.classes import LabelClass


def verdict(context: Context) -> None:
    """Settle a picture, or take that back."""
    asked = context.arguments
    if asked.undo == (asked.label is not None):
        raise UsageError(
            "a verdict is a class, or is taken back", "Say 'verdict KEY CLASS' or KEY --undo."
        )
    bucket = context.bucket()
    acting.check(layouts.writable(bucket).is_own)
    counts = counting.of(bucket)
    said = None if asked.undo else class_called(asked.label, counts.scheme)
    key, admin = stored_pictures.find(bucket, asked.key), annotator.admin(context.settings)
    if said is None:
        done = acting.unsettle(bucket, key, admin, counts, dry=context.dry)
    else:
        done = acting.settle(bucket, key, said, admin, counts, dry=context.dry)
    _tell_verdict(context, done, said, admin)


def _tell_verdict(context: Context, done: Settled, said: LabelClass | None, admin: str) -> None:
    before, after = tally(done.before), tally(done.after)
    name = layouts.layout_of(context.settings).picture_name(done.key)
    state = "taken back" if said is None else "settled"
    if context.arguments.json:
        context.json(
            {
                "key": done.key,
                "act": "undo" if said is None else "settle",
                "label": None if said is None else said.code,
                "by": admin,
                "state": context.outcome(state) if done.lines else f"already {state}",
                "consensus_before": before.consensus,
                "consensus_after": after.consensus,
                "reverse": _reverse(done, said),
            }
        )
        return
    if not done.lines:
        context.line(f"{name}: {_standing(done, 'already ')}")
        return
    would = "would be " if context.dry else "is " if said is None else ""
    became = f"the verdict {would}taken back" if said is None else f"{would}settled as {said.name}"
    context.line(f"{name}: {became}")
    then = before.consensus or "none"
    context.line(f"consensus: {then} before, {after.consensus or 'none'} after")
    if said is None and done.after.verdict:
        context.say(f"it is {_standing(done)}; --undo again takes that back, too")
    context.say(f"to take it back: {_reverse(done, said)}")


def _standing(done: Settled, already: str = "") -> str:
    """Return which verdict counts on a picture."""
    found = done.after.verdict
    if found is None:
        return "no verdict counts on it"
    name = done.after.counting.scheme.by_code[found.code or 0].name
    return f"{already}settled as {name}, by {annotator_name(found.annotator)}"


def _reverse(done: Settled, said: LabelClass | None) -> str:
    if said is not None:
        return f"verdict {done.key} --undo"
    before = done.before.verdict
    return f"verdict {done.key} {before.code}" if before else ""


def list_broken(context: Context) -> None:
    """List what annotators say is broken."""
    context.show(FLAGS, flagged(crowd_of(context).look))


def flagged(look: DatasetSnapshot) -> list[Flagged]:
    """Return all flags, first those that wait for the admin."""
    found = [
        Flagged(picture.key, look.layout, one, picture.verdict is not None)
        for picture in look.written
        for one in remarks(picture)
        if one.decided in (Decided.BROKEN, Decided.DISMISSED)
    ]
    return sorted(found, key=lambda one: one.state != "flagged")


def dismiss(context: Context) -> None:
    """Dismiss the flags of pictures."""
    _on_flags(context, acting.dismiss, "dismissed", "bring-back")


def bring_back(context: Context) -> None:
    """Bring dismissed flags back."""
    _on_flags(context, acting.bring_back, "brought back", "dismiss")


def _on_flags(context: Context, act: Callable[..., Settled], state: str, reverse: str) -> None:
    bucket = context.bucket()
    layout = layouts.writable(bucket)
    acting.check(layout.is_own)
    counts, admin = counting.of(bucket), annotator.admin(context.settings)
    keys = _keys(context, bucket, context.arguments.key)
    rows = {}
    for key, done in parallel_map(
        lambda key: (key, act(bucket, key, admin, counts, dry=context.dry)), keys, READERS
    ):
        rows[key] = done
    documents = []
    for key in keys:
        lines, name = rows[key].lines, layout.picture_name(key)
        is_state = context.outcome(state) if lines else f"already {state}"
        back = f"broken {reverse} {key}"
        documents.append(
            {"key": key, "name": name, "state": is_state, "flags": lines, "reverse": back}
        )
        if not context.arguments.json:
            told = plural(lines, "flag") if lines else "no flag"
            context.line(f"{name}: {told} {context.outcome(state) if lines else f'to be {state}'}")
    if context.arguments.json:
        context.json(documents)


def _keys(context: Context, bucket: Bucket, words: Sequence[str]) -> list[str]:
    """Return the keys of the pictures that are meant: by key, or by pattern among those flagged.

    Raises:
        MissingResourceError: a word means none.
    """
    found: dict[str, None] = {}
    listed: list[Flagged] | None = None
    for text in words:
        if not removal.is_pattern(text):
            found[stored_pictures.find(bucket, text)] = None
            continue
        if listed is None:
            listed = flagged(crowd_of(context).look)
        keys = {one.key for one in listed if removal.is_like(one.key, text, one.layout)}
        if not keys:
            raise MissingResourceError(
                f"no flagged picture is like {text!r}", "'admin.py broken' lists them."
            )
        found |= dict.fromkeys(sorted(keys))
    return [*found]
