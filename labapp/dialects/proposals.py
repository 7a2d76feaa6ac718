"""A first dialect, proposed of messages that were seen: what they ask, and what is left to say.

How a client asks can be seen; how it wants to be answered cannot. So the file has what was seen in
comments, blocks that read it, and the rest as comments to be filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from labapp.dialects import guesses
from labapp.dialects.facts import text_of
from labapp.dialects.filling import shown
from labapp.dialects.messages import Incoming
from labapp.dialects.rules import Condition
from labapp.dialects.separators import NON_DIGIT
from labapp.dialects.sightings import NUMBERS, OBJECT, PICTURE, UNKNOWN, Source, source_of
from labapp.dialects.toml import quoted
from labapp.visible import visible

#: Requests of one form that are shown, and attributes of each.
_SHOWN, _MOST_ATTRIBUTES = 3, 10

#: Forms that are told; nobody would read a file of more.
_MOST_FORMS = 12

#: Stands in the comment of each line that whoever uses the file has to say.
FILL_IN = "FILL IN"

#: What nobody can see of a request.
READS = "what your client reads"

_HEAD = f"""\
# Proposed of what was seen: {{seen}}. What clients ask was seen, how they are
# answered was not: say it where {FILL_IN} stands, without the first #. All else is a guess
# by these few requests: look through it, then
#   python admin.py dialect check THIS_FILE
#   python admin.py dialect try THIS_FILE --body ... --attr NAME=VALUE
about = "proposed of {{seen}}"
"""

#: The column in which what is to be said of a line begins.
_NOTES_AT = 44


@dataclass(frozen=True)
class Seen:
    """A message that was seen, and the name of the queue that it waits in."""

    queue: str
    message: Incoming


@dataclass(frozen=True)
class _Form:
    """What messages of one queue have in common that ask in the same way.

    `when` tells them apart from the other messages of their queue; None where nothing does.
    """

    queue: str
    source: Source
    messages: tuple[Incoming, ...]
    when: Condition | None = None


def propose(
    seen: Sequence[Seen],
    kinds: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
) -> str:
    """Return the text of a first dialect's file.

    Args:
        seen: messages of labs' own clients, at least one.
        kinds: what the queues of the settings are for, `numbers` or `pictures`, by their names: a
            block of the other kind has to be told apart there from what comes as ever.
        answers: the queues of answers that a block does not name, by such kinds.
    """
    forms = _forms(seen)
    queues = dict.fromkeys(form.queue for form in forms)
    told = f"{_count(len(seen), 'request')} in {_count(len(queues), 'queue')}"
    blocks = [
        block
        for queue in queues
        for block in _ordered([form for form in forms if form.queue == queue], kinds or {})
    ]
    blocks = blocks[:_MOST_FORMS]
    if not any(counts for _, counts in blocks):  # a file has to have one; checks tell of the rest
        blocks[0] = (blocks[0][0], True)
    texts = ["\n".join([*_seen(form), *_block(form, answers or {}, counts=counts), ""])
             for form, counts in blocks]  # fmt: skip
    return "\n".join([_HEAD.format(seen=told), *texts])


def _forms(seen: Sequence[Seen]) -> list[_Form]:
    """Group messages by their queue and by where they have what they ask."""
    found: dict[tuple[str, Source], list[Incoming]] = {}
    for one in seen:
        found.setdefault((one.queue, source_of(one.message)), []).append(one.message)
    return [_Form(queue, source, tuple(messages)) for (queue, source), messages in found.items()]


def _ordered(forms: Sequence[_Form], kinds: Mapping[str, str]) -> Iterator[tuple[_Form, bool]]:
    """Give the forms of one queue as their blocks stand, and whether each can have one.

    Where several were seen each needs a condition: one without would take what is of no form, and
    might answer it wrongly. So does one that reads integers among words, for the same reason.
    """
    if len(forms) == 1 and not _is_foreign(forms[0], kinds):
        form = forms[0]
        is_loose = form.source.separators == NON_DIGIT
        when = guesses.condition_of(form.messages, (), form.source) if is_loose else None
        yield replace(form, when=when), True
        return
    told = _told_apart(_told_apart(forms))
    known = [form for form in told if form.source.kind != UNKNOWN] or told[:1]
    yield from ((form, form.when is not None) for form in known)
    yield from ((form, False) for form in told if form not in known)


def _told_apart(forms: Sequence[_Form]) -> list[_Form]:
    """Give a condition to each form that has none, if one tells it from the others without.

    Those that have one stand first, so that what they take need not be told from the rest.
    """
    told, rest = [form for form in forms if form.when], [form for form in forms if not form.when]
    for form in rest:
        others = [one for other in rest if other is not form for one in other.messages]
        when = guesses.condition_of(form.messages, others, form.source)
        told.append(replace(form, when=when))
    return sorted(told, key=lambda form: form.when is None)


def _is_foreign(form: _Form, kinds: Mapping[str, str]) -> bool:
    """Tell whether a form is of another kind than its queue is for by the settings."""
    return kinds.get(form.queue, _kind(form)) != _kind(form)


def _kind(form: _Form) -> str:
    return "pictures" if form.source.kind == PICTURE else "numbers"


def _seen(form: _Form) -> Iterator[str]:
    """Give comments that tell some messages."""
    yield f"# {_count(len(form.messages), 'request')} in {visible(form.queue)}, such as"
    for message in form.messages[:_SHOWN]:
        yield f"#   body {_shown(message.body)}"
        for name, one in [*message.attributes.items()][:_MOST_ATTRIBUTES]:
            yield f"#     {visible(name)} {visible(one.type)} {_shown(text_of(one))}"
        if message.group:
            yield f"#     of the group {_shown(message.group)}"


def _shown(text: str) -> str:
    return visible(shown(text))


def _block(form: _Form, answers: Mapping[str, str], *, counts: bool) -> Iterator[str]:
    """Give the lines of a block; all as comments where it cannot be in force as it stands."""
    if form.source.kind == UNKNOWN:
        yield "# Neither integers nor the key of a picture were found: say where they are."
    elif not counts and form.when is None:
        yield "# Nothing tells these apart from what else comes there: say it by `when`."
    if not counts:
        yield "# Take away the first # of each line for this block to count."
    for line in _lines(form, answers):
        yield line if counts else f"# {line}"


def _lines(form: _Form, answers: Mapping[str, str]) -> Iterator[str]:
    source = form.source
    usual = answers.get(_kind(form), "labapp's own")
    yield "[[request]]"
    yield f"queue = {quoted(form.queue)}"
    yield from _noted('# answer = "..."', f"{FILL_IN}: where your client waits; else {usual}")
    if form.when:
        yield f"when = {guesses.when_of(form.when)}"
    elif source.kind == UNKNOWN:
        yield from _noted(
            '# when = { "attr.NAME" = "..." }', f"{FILL_IN}: which messages it is for"
        )
    yield from _picture(form) if source.kind == PICTURE else _numbers(form)
    others = guesses.attributes_of(form.messages, source)
    if others:
        names = ", ".join(map(quoted, others))
        yield from _noted(f"# echo = [{names}]", "attributes that the answer repeats")


def _numbers(form: _Form) -> Iterator[str]:
    source = form.source
    text = quoted(source.text or "{body}")
    yield f"numbers = {{ object = {text} }}" if source.kind == OBJECT else f"numbers = {text}"
    yield from _separators(source)
    pick = guesses.pick_of(form.messages, source) if source.kind == NUMBERS else ""
    if pick:
        yield f"pick = {pick}"
        yield from _noted('body = "{pick}"', f"{FILL_IN}: {READS}; this is a guess")
    else:
        yield from _noted('# body = "{min} {max} {mean} {median}"', f"{FILL_IN}: {READS}")
    yield from _noted('# attributes = { Mean = "{mean}" }', f"{FILL_IN}: in attributes")
    yield from _noted('# number = ".2f"', "how means are written: or ,2f, float, int")


def _picture(form: _Form) -> Iterator[str]:
    source = form.source
    yield f"picture = {quoted(source.text)}"
    yield from _separators(source)
    steps, note = guesses.steps_of(form.messages, source)
    if steps:
        yield from _noted(f"steps = {steps}", note)
    else:
        yield from _noted(
            '# steps = "blur:sigma=3"', f"{FILL_IN}: what is done; else by the settings"
        )
    if named := guesses.format_of(form.messages, source):
        yield f"format = {named}"
    yield from _noted('# result = "{stem}_result{ext}"', f"{FILL_IN}: the key that it looks for")
    yield from _noted('# bucket = "..."', "where the pictures are not in the lab's own")
    yield from _noted('# body = "{result}"', f"{FILL_IN}: {READS}")
    yield from _noted('# attributes = { Key = "{result}" }', f"{FILL_IN}: in attributes")


def _separators(source: Source) -> Iterator[str]:
    if source.separators:
        note = "a guess: whatever is no digit" if source.separators == NON_DIGIT else ""
        yield from _noted(f"separators = {quoted(source.separators)}", note)


def _noted(line: str, note: str) -> Iterator[str]:
    yield f"{line:{_NOTES_AT}} # {note}" if note else line


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
