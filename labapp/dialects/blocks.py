"""A `[[request]]` of a dialect's file, read: one way to ask, what is done, and what answers."""

from __future__ import annotations

from dataclasses import replace

from labapp.dialects import conditions, forms, keys, limits, names, replies, templates
from labapp.dialects.facts import TemplateError
from labapp.dialects.rules import Block, Choice, Numbers, Picture, ReplyRule, Text
from labapp.dialects.separators import NON_DIGIT
from labapp.dialects.tables import Table, shown
from labapp.dialects.texts import BY, Stage, Texts, each, facts_of

#: Characters of a block's name at most: it stands in logs and refusals.
MOST_NAME = 60

#: What to write for keys of other names that one may think of first.
_HINTS = {
    **dict.fromkeys(("operation", "op", "effect", "pipeline"), 'Write steps = "blur:sigma=3".'),
    **dict.fromkeys(("result_key", "output", "destination"), 'Write result = "{stem}_done{ext}".'),
    **dict.fromkeys(("key", "image", "source"), 'Write picture = "{body}", or "{attr.Key}".'),
    **dict.fromkeys(("integers", "values", "list"), 'Write numbers = "{body}".'),
    **dict.fromkeys(("response", "text", "message"), 'Write body = "{mean}".'),
    **dict.fromkeys(("reply_queue", "response_queue"), 'Write answer = "...", its name.'),
}

_OBJECT = 'numbers = { object = "{attr.Key}" }'
_ONE = 'Write numbers = "{body}" for integers, or picture = "{body}" for a picture\'s key.'


def read(table: Table, place: int, dialect: str) -> Block | None:
    """Return what a block says; None where it says so little that it is none.

    Args:
        table: it stands there.
        place: which of the file's it is, from 1.
        dialect: the name of its dialect.
    """
    name = _name(table, place)
    table = replace(table, name=name)
    table.check_keys(keys.OF_BLOCKS, _HINTS)
    is_numbers = "numbers" in table.said
    if is_numbers == ("picture" in table.said):
        both = "both numbers and picture" if is_numbers else "neither numbers nor picture"
        table.fault(f"{name} has {both}", _ONE if not is_numbers else "Make two blocks of it.")
        if not is_numbers:
            return None
    said = table.said.get("numbers")
    is_object = isinstance(said, dict) and BY not in said
    number = _number_form(table)
    texts = Texts(
        name=name,
        is_numbers=is_numbers,
        has_key=is_object or not is_numbers,
        has_result="result" in table.said or not is_numbers,
        has_pick="pick" in table.said,
        number=number,
    )
    _check_kind(table, name, is_numbers)
    work = _numbers(table, texts) if is_numbers else _picture(table, texts)
    answer = names.queue(table, "answer", takes_requests=False)
    result = texts.read(table, "result", Stage.STORED)
    content = texts.read(table, "content", Stage.ANSWERED)
    pick = _pick(table, texts)
    _check_result(table, result)
    _check_not_its_source(table, result, work)
    answers, refusal = replies.read(table, texts, answer)
    _check_pick(table, pick, result, (content, *answers))
    return Block(
        place=place,
        name=name,
        line=table.line(),
        lines={str(key): table.line(key) for key in table.said},
        queue=names.queue(table, "queue", takes_requests=True),
        answer=answer,
        bucket=names.bucket(table, "bucket"),
        result_bucket=names.bucket(table, "result_bucket"),
        when=conditions.read(table),
        work=work,
        pick=pick,
        number=number,
        result=result,
        content=content,
        replies=answers,
        refusal=refusal,
        dialect=dialect,
    )


def _name(table: Table, place: int) -> str:
    name = table.text("name")
    if len(name) > MOST_NAME or not name.isprintable():
        what = f"the name {shown(name)} is too long, or of more than one line"
        table.fault(what, f"Take one of at most {MOST_NAME} characters.", "name")
        name = ""
    return name.strip() or f"request {place}"


def _check_kind(table: Table, name: str, is_numbers: bool) -> None:
    """Find fault with keys that say nothing in a block of its kind."""
    for key in keys.OF_PICTURES if is_numbers else keys.OF_NUMBERS:
        if key in table.said:
            of, has = ("pictures", "numbers") if is_numbers else ("numbers", "a picture")
            table.fault(f"{key} is of {of}, and {name} has {has}", "Leave it out.", key)
    if "content" in table.said and "result" not in table.said and is_numbers:
        what = f"content of {name} goes nowhere, as it stores no result"
        table.fault(what, 'Give the key of the object: result = "...".', "content")
    if "result_bucket" in table.said and "result" not in table.said and is_numbers:
        what = f"result_bucket of {name} is for nothing, as it stores no result"
        table.fault(what, 'Give the key of the object: result = "...".', "result_bucket")


def _check_source(table: Table, key: str, source: Text | None, example: str) -> None:
    """Find fault with a source that is the same for all messages."""
    if source and not facts_of(source):
        what = f"{key} of {table.name} has no placeholder, so that no message says it"
        table.fault(what, f'Write {key} = "{example}".', key)


def _numbers(table: Table, texts: Texts) -> Numbers:
    said = table.said["numbers"]
    is_object = isinstance(said, dict) and BY not in said
    if not is_object:
        source = texts.read(table, "numbers", Stage.ASKED)
    else:
        inner = table.table("numbers", f"numbers of {texts.name}", _OBJECT)
        source = None
        if inner:
            inner.check_keys(("object",), dict.fromkeys(inner.said, f"Write {_OBJECT}."))
            source = texts.read(inner, "object", Stage.ASKED)
            if not inner.said:
                inner.fault(f"{inner.name} is an empty table", f"Write {_OBJECT}.")
    _check_source(table, "numbers", source, "{body}")
    return Numbers(source or _NOTHING, is_object, _separators(table))


def _picture(table: Table, texts: Texts) -> Picture:
    from labapp.dialects import steps  # here, as numbers need nothing of pictures

    key = texts.read(table, "picture", Stage.ASKED)
    done = texts.read(table, "steps", Stage.ASKED)
    form = texts.read(table, "format", Stage.ASKED)
    quality = texts.read(table, "quality", Stage.ASKED)
    _check_source(table, "picture", key, "{body}")
    steps.check(table, "steps", done)
    steps.check_format(table, "format", form)
    steps.check_quality(table, "quality", quality)
    return Picture(key or _NOTHING, done, form, quality, _separators(table))


#: Stands for a text that was found wrong, in a block that never comes into force.
_NOTHING = templates.parse("")


def _separators(table: Table) -> str:
    value = table.said.get("separators", "")
    if not isinstance(value, str) or ("separators" in table.said and not value):
        what = f"separators of {table.name} is {shown(value)}"
        table.fault(what, f'Write them in quotes, as "/", or "{NON_DIGIT}".', "separators")
        return ""
    if value != NON_DIGIT and any(sign.isalnum() for sign in value):
        what = f"separators of {table.name} has letters or digits: {shown(value)}"
        remedy = f'Write the characters that part, as "/", or "{NON_DIGIT}".'
        table.fault(what, remedy, "separators")
    return value


def _pick(table: Table, texts: Texts) -> Choice | None:
    example = '{ by = "{attr.Stat}", sum = "{sum}", mean = "{mean}", else = "{sentence}" }'
    inner = table.table("pick", f"pick of {texts.name}", f"pick = {example}")
    return texts.choice(inner, Stage.PICKED) if inner else None


def _check_pick(
    table: Table,
    pick: Choice | None,
    result: Text | None,
    others: tuple[Text | ReplyRule | None, ...],
) -> None:
    """Find fault with a choice that no text tells, or that is made of a result made of it."""
    every = [result]
    for one in others:
        if isinstance(one, ReplyRule):
            every += [one.body, one.group, one.deduplication]
            every += [attribute.text for attribute in one.attributes.values()]
        else:
            every.append(one)
    if pick and not any("pick" in facts_of(text) for text in every):
        what = f"pick of {table.name} is told nowhere"
        table.fault(what, 'Write body = "{pick}".', "pick")
    if "result" in facts_of(pick) and "pick" in facts_of(result):
        what = f"pick and result of {table.name} are made of each other"
        table.fault(what, "Leave {result} out of the one, or {pick} out of the other.", "pick")


def _number_form(table: Table) -> str:
    form = table.text("number")
    try:
        if form:
            forms.check_number(form)
    except TemplateError as error:
        table.fault(f"number of {table.name}: {error.message}", error.remedy, "number")
        return ""
    return form


def _check_result(table: Table, result: Text | None) -> None:
    """Find fault with keys that all results share, or that lie among labapp's own."""
    for text in each(result):
        first = text.parts[0] if text.parts and isinstance(text.parts[0], str) else ""
        key = first.lstrip("/")
        own = next((prefix for prefix in limits.OWN_PREFIXES if key.startswith(prefix)), "")
        if own:
            what = f"result of {table.name} lies in {own}, where labapp keeps its own objects"
            table.fault(what, "Begin it with another folder.", "result")
        if not text.facts:
            what = f"result of {table.name} has no placeholder: all would be one object"
            remedy = "Tell them apart, as by {stem} or {message_id}."
            table.fault(what, remedy, "result")
        if len(text.text.encode()) > limits.MOST_KEY:
            what = f"result of {table.name} has more than {limits.MOST_KEY:,} bytes"
            table.fault(what, "Take a shorter key.", "result")


def _check_not_its_source(table: Table, result: Text | None, work: Numbers | Picture) -> None:
    """Find fault with a result that would be written over what was asked for."""
    bucket, to = table.said.get("bucket", ""), table.said.get("result_bucket", "")
    if to not in ("", bucket) or (isinstance(work, Numbers) and not work.is_object):
        return
    source = work.source if isinstance(work, Numbers) else work.key
    as_it_was = {"{folder}{name}", *(one.text.strip() for one in each(source))}
    if isinstance(work, Numbers) or work.format is None:
        as_it_was.add("{folder}{stem}{ext}")
    for text in each(result):
        if {text.text.strip(), text.text.replace("/", "").strip()} & as_it_was:
            what = f"result of {table.name} is the key that was asked for, in the same bucket"
            remedy = 'Write result = "{folder}{stem}_done{ext}", or name a result_bucket.'
            table.fault(what, remedy, "result")
