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
from labapp.dialects.sightings import NUMBERS, OBJECT, PICTURE, UNKNOWN, Source, source_of
from labapp.dialects.toml import quoted
from labapp.visible import visible

#: Requests of one form that are shown, and attributes of each.
_SHOWN, _MOST_ATTRIBUTES = 3, 10

#: Forms that are told; nobody would read a file of more.
_MOST_FORMS = 12

_HEAD = """\
# Proposed of what was seen: {seen}. Each block reads what clients
# asked; how they are answered cannot be seen. Say it in the lines that begin with #, then
#   python admin.py dialect check THIS_FILE
#   python admin.py dialect try THIS_FILE --body ... --attr NAME=VALUE
about = "proposed of {seen}"
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


def propose(seen: Sequence[Seen], kinds: Mapping[str, str] | None = None) -> str:
    """Return the text of a first dialect's file.

    Args:
        seen: messages of labs' own clients, at least one.
        kinds: what the queues of the settings are for, `numbers` or `pictures`, by their names: a
            block of the other kind has to be told apart there from what comes as ever.
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
    texts = ["\n".join([*_seen(form), *_block(form, counts=counts), ""]) for form, counts in blocks]
    return "\n".join([_HEAD.format(seen=told), *texts])


def _forms(seen: Sequence[Seen]) -> list[_Form]:
    """Group messages by their queue and by where they have what they ask."""
    found: dict[tuple[str, Source], list[Incoming]] = {}
    for one in seen:
        found.setdefault((one.queue, source_of(one.message)), []).append(one.message)
    return [_Form(queue, source, tuple(messages)) for (queue, source), messages in found.items()]


def _ordered(forms: Sequence[_Form], kinds: Mapping[str, str]) -> Iterator[tuple[_Form, bool]]:
    """Give the forms of one queue as their blocks stand, and whether each can have one.

    One block alone may be without a condition, and stands last: it takes what fits no other.
    """
    told = []
    for form in forms:
        others = [one for other in forms if other is not form for one in other.messages]
        when = guesses.condition_of(form.messages, others, form.source)
        told.append(replace(form, when=when))
    known = [form for form in told if form.source.kind != UNKNOWN] or told[:1]
    if len(told) == 1 and not _is_foreign(told[0], kinds):
        known = [replace(told[0], when=None)]
    rest = [form for form in known if form.when is None and not _is_foreign(form, kinds)][:1]
    yield from ((form, form.when is not None) for form in known if form not in rest)
    yield from ((form, True) for form in rest)
    yield from ((form, False) for form in told if form.source.kind == UNKNOWN and len(told) > 1)


def _is_foreign(form: _Form, kinds: Mapping[str, str]) -> bool:
    """Tell whether a form is of another kind than its queue is for by the settings."""
    kind = "pictures" if form.source.kind == PICTURE else "numbers"
    return kinds.get(form.queue, kind) != kind


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


def _block(form: _Form, *, counts: bool) -> Iterator[str]:
    """Give the lines of a block; all as comments where it cannot be in force as it stands."""
    if form.source.kind == UNKNOWN:
        yield "# Neither integers nor the key of a picture were found: say where they are."
    elif not counts and form.when is None:
        yield "# Nothing tells these apart from what else comes there: say it by `when`."
    if not counts:
        yield "# Take away the first # of each line for this block to count."
    for line in _lines(form):
        yield line if counts else f"# {line}"


def _lines(form: _Form) -> Iterator[str]:
    source = form.source
    yield "[[request]]"
    yield f"queue = {quoted(form.queue)}"
    yield from _noted('# answer = "..."', "the queue on which the client waits")
    if form.when:
        yield f"when = {guesses.when_of(form.when)}"
    elif source.kind == UNKNOWN:
        yield from _noted('# when = { "attr.NAME" = "..." }', "which messages it is for")
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
        yield 'body = "{pick}"'
    else:
        yield from _noted('# body = "{min} {max} {mean} {median}"', "else labapp's sentence")
    yield from _noted('# attributes = { Mean = "{mean}" }', "what it reads of attributes")
    yield from _noted('# number = ".2f"', "how means are written: or ,2f, float, int")


def _picture(form: _Form) -> Iterator[str]:
    source = form.source
    yield f"picture = {quoted(source.text)}"
    yield from _separators(source)
    steps, note = guesses.steps_of(form.messages, source)
    if steps:
        yield from _noted(f"steps = {steps}", note)
    else:
        yield from _noted('# steps = "blur:sigma=3"', "what is done, else by the settings")
    if named := guesses.format_of(form.messages, source):
        yield f"format = {named}"
    yield from _noted('# result = "{stem}_result{ext}"', "the key that the client looks for")
    yield from _noted('# bucket = "..."', "where the pictures are not in the lab's own")
    yield from _noted('# body = "{result}"', "what the client reads")
    yield from _noted('# attributes = { Key = "{result}" }', "what it reads of attributes")


def _separators(source: Source) -> Iterator[str]:
    if source.separators:
        yield f"separators = {quoted(source.separators)}"


def _noted(line: str, note: str) -> Iterator[str]:
    yield f"{line:{_NOTES_AT}} # {note}" if note else line


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
