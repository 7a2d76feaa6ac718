"""What a worker would do with a message by a dialect: read, done, stored, answered; without any.

No queue, no bucket and no picture is touched, so that some is told as if: an object of integers
holds `EXAMPLE` unless its text is given, and a picture is there, of the format of its extension.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from labapp import numbers
from labapp.dialects import facts, separators, speech
from labapp.dialects.facts import Facts
from labapp.dialects.filling import shown, told
from labapp.dialects.messages import Answer, Done, Incoming, PictureAsked
from labapp.dialects.rules import Block, Choice, Condition
from labapp.dialects.templates import Template
from labapp.dialects.texts import facts_of
from labapp.errors import LabappError, RefusedError

#: What an object of integers holds where nobody says.
EXAMPLE = "1,12,55,4"


@dataclass(frozen=True)
class Misfit:
    """Why a block does not answer a message.

    Attributes:
        block: which.
        reason: the first of its conditions that does not hold, as the end of a sentence.
    """

    block: Block
    reason: str


@dataclass(frozen=True)
class Trial:
    """What would become of a message.

    Attributes:
        block: the one that answers it; None where it would go the ordinary way.
        misfits: of each block before that one, why it does not.
        integers: the list that is read.
        object_key: the key of the object that it would be read of; empty for none.
        picture: what is asked of a picture; its format is empty where the picture keeps its own.
        steps: what would be done to it, as typed.
        result: the key of the result, or of the object with the answer; empty for none.
        bucket: where that lies; empty for the lab's own.
        content: what would be written there, of numbers.
        answers: the messages that would answer.
        fields: those of the body, where the block has to do with fields.
        refusal: why it would be refused; None where it would not.
    """

    block: Block | None
    misfits: tuple[Misfit, ...] = ()
    integers: tuple[int, ...] = ()
    object_key: str = ""
    picture: PictureAsked | None = None
    steps: str = ""
    result: str = ""
    bucket: str = ""
    content: str = ""
    answers: tuple[Answer, ...] = ()
    refusal: RefusedError | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lab:
    """What a trial takes of a lab's settings.

    Attributes:
        rules: what lists may hold.
        steps: what is done to pictures where no block says it.
        result: gives the key of a picture's result where no block says it: of the picture's key,
            the job's id, the short name of the steps, and the extension.
        bucket: the lab's own; empty where nobody says.
        check_asked: refuses the key of what no client is to ask for in the lab's bucket.
    """

    rules: numbers.Rules = field(default_factory=numbers.Rules)
    steps: str = "grayscale"
    result: Callable[[str, str, str, str], str] = "outbox/{1}/{2}{3}".format
    bucket: str = ""
    check_asked: Callable[[str], None] = lambda _: None


#: A lab that sets nothing.
USUAL = Lab()


def attempt(
    blocks: Sequence[Block], message: Incoming, lab: Lab = USUAL, content: str = EXAMPLE
) -> Trial:
    """Tell what would become of a message.

    Args:
        blocks: those of the queue that it waits in, in the file's order.
        message: as a lab's client would send it.
        lab: what the settings say.
        content: the text of the object of integers that it names, if it does.
    """
    misfits: list[Misfit] = []
    for block in blocks:
        condition = speech.misfit(block, message)
        if condition is None:
            parting = block.work.separators
            fields = separators.parted(message.text, parting) if _has_fields(block) else ()
            trial = Trial(block, tuple(misfits), fields=tuple(fields))
            return _tried(trial, block, message, lab, content)
        misfits.append(Misfit(block, _reason(condition, block, message)))
    return Trial(None, tuple(misfits))


def _tried(trial: Trial, block: Block, message: Incoming, lab: Lab, content: str) -> Trial:
    """Go the way of a worker, as far as it goes."""
    label = ""
    try:
        if block.is_numbers:
            trial = replace(trial, object_key=speech.object_key(block, message))
            _check_source(trial.object_key, block, lab, "numbers")
            found = speech.integers(block, message, content)
            numbers.check(found, lab.rules)
            trial = replace(trial, integers=tuple(found))
            done = Done(tuple(found), numbers.summarise(found), source=trial.object_key)
        else:
            asked = speech.picture(block, message)
            trial = replace(trial, picture=asked)
            _check_source(asked.key, block, lab, "picture")
            steps = lab.steps.split() if asked.steps is None else asked.steps
            trial = replace(trial, steps=" ".join(steps))
            label = _label_of(steps, block)
            done = Done(source=asked.key, extension=speech.extension_of(asked))
        result = speech.result_key(block, message, done, lab.bucket)
        if not result and not block.is_numbers:
            result = lab.result(asked.key, message.id, label, _ending(done.extension))
        done = replace(done, result=result)
        answers = speech.answers(block, message, done)
        stored = speech.content(block, message, done) if result and block.is_numbers else ""
        where = block.result_bucket or block.bucket
        return replace(trial, result=result, bucket=where, content=stored, answers=answers)
    except RefusedError as error:
        refused = speech.refusals(block, message, str(speech.fitting(error)), "refused")
        return replace(trial, refusal=error, answers=refused)


def _check_source(key: str, block: Block, lab: Lab, part: str) -> None:
    """Refuse the key of what nobody is to ask for; empty for none."""
    if key and block.bucket in ("", lab.bucket):
        try:
            lab.check_asked(key)
        except RefusedError as error:
            raise told(error, block, part) from None


def _has_fields(block: Block) -> bool:
    """Tell whether anything in a block has to do with fields of the body."""
    rules = (*block.replies, block.refusal)
    said = [value for part in (block, block.work, *rules) for value in vars(part).values()]
    said += [one.text for rule in rules for one in rule.attributes.values()]
    named = {condition.fact for condition in block.when}
    named.update(*(facts_of(one) for one in said if isinstance(one, Template | Choice)))
    return any(fact.startswith("field") for fact in named)


def _label_of(steps: Sequence[str], block: Block) -> str:
    """Return the short name of steps, which are seen to be such as can be done."""
    from labapp.pictures import pipeline

    try:
        return pipeline.label(pipeline.parse(steps))
    except LabappError as error:  # to a worker, too, what cannot be read is a wrong request
        raise told(RefusedError(error.message, error.remedy), block, "steps") from error


def _ending(extension: str) -> str:
    """Return the extension that labapp gives a format: `.jpg` for `.JPEG`; any other as it is."""
    from labapp.pictures.limits import EXTENSIONS, known_format

    try:
        return EXTENSIONS[known_format(extension)]
    except RefusedError:
        return extension


def _reason(condition: Condition, block: Block, message: Incoming) -> str:
    """Return why a condition does not hold."""
    value = facts.reader(condition.fact)(Facts(message, block.work.separators))
    if value is None:
        return f"there is no {condition.fact}"
    came = shown(facts.text_of(value).strip())
    if not condition.patterns:
        return f"{condition.fact} is there: {came}"
    return f"{condition.fact} is {came}, not {' or '.join(condition.patterns)}"
