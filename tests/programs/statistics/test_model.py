"""What the model of annotators says stands beside the consensus, and says what it rests on."""

from __future__ import annotations

from labapp.dataset.statistics import DatasetSnapshot
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.labels.effective import AS_WRITTEN, Counting
from labapp.programs.statistics import model
from labapp.programs.statistics.table import pictures
from tests.labels.builders import START, picture

FOODS = Scheme(
    "What is it?",
    tuple(LabelClass(n, str(n), name, name) for n, name in enumerate(("ramen", "pie", "cake"))),
)


def found(*scripts: str, counting: Counting = AS_WRITTEN) -> model.Estimated:
    labels = tuple(
        picture(script, f"images/{n:016x}-{n}.jpg", counting=counting)
        for n, script in enumerate(scripts)
    )
    look = DatasetSnapshot(START, {}, labels, (), 0, counting=counting)
    return model.estimate(look, look.summary(3).tallies)


def test_rows_have_the_models_class_and_its_probability_beside_the_consensus() -> None:
    estimated = found("ana1 bo1 cy1", "ana0 bo0", "ana1 bo0", "")
    table = model.pictures_table(DEFAULT_SCHEME, estimated)
    first, _, _, none = map(table.document, estimated.tallies)
    assert (first["consensus"], first["model"], first["probability"]) == ("hot dog", "hot dog", 1.0)
    assert (none["model"], none["probability"]) == ("", None)
    assert list(first) == [*pictures().document(estimated.tallies[0]), "model", "probability"]
    assert model.pictures_table(DEFAULT_SCHEME, None) is pictures(DEFAULT_SCHEME)


def test_one_picture_has_the_probability_of_each_class() -> None:
    estimated = found("ana1 bo0", "")
    answered, none = (one.key for one in estimated.tallies)
    assert estimated.document(answered) == {
        "model": None, "probability": 0.5, "probabilities": {"hot dog": 0.5, "other": 0.5},
    }  # fmt: skip
    assert estimated.document(none) == {"model": None, "probability": None, "probabilities": {}}
    assert (estimated.of(answered), estimated.of(none)) == ("by the model 50 % hot dog", "")


def test_an_annotators_accuracy_is_told_by_the_name_that_is_shown() -> None:
    decided = Counting(same={"ann": "ana"}, left_out=frozenset({"eve"}))
    estimated = found("Ana1 bo1 eve1", "ann0 bo0", "bo1", counting=decided)
    table = model.annotators_table(estimated.look, estimated)
    people = {one.annotator: one for one in estimated.look.summary(3).annotators}
    assert table.document(people["Ana"])["model_accuracy"] == 1.0
    assert table.document(people["eve"])["model_accuracy"] is None


def test_that_answers_are_too_few_is_told_with_whose() -> None:
    lines = model.told(found("ana1 bo1 cy1 dee1", "ana0"))
    assert lines[-1] == (
        "too few answers to rely on it: 1 of 2 pictures have fewer than 3 answers;"
        " ana, bo, cy, 1 more gave fewer than 20"
    )
    assert model.told(found("", "anas")) == ["model: no answers yet to estimate it by"]
    plenty = found(*(f"ana{n % 2} bo{n % 2} cy{n % 2}" for n in range(20)))
    assert len(model.told(plenty)) == 2
    assert model.on_page(plenty) == "differs from the consensus on 0 pictures"


def test_many_classes_have_one_column_for_people_and_one_each_in_a_pipe() -> None:
    (tally,) = found("ana2 bo1 cy2", counting=Counting(FOODS)).tallies
    table = pictures(FOODS)
    assert [head.title for head in table.heads()][2] == "votes"
    assert table.cells([tally])[0][2] == "2 cake, 1 pie"
    assert table.row(tally)[2:5] == ["0.0", "33.3", "66.7"]
    assert "votes" not in table.document(tally)
