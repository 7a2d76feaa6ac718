"""The words of the labels and the question stand in one file: with others, all shows these."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLASSES = ROOT / "labapp" / "labels" / "classes.py"

OLD = re.compile(r"hot.?dog", re.IGNORECASE)

#: What another lab might ask, by what stands there now.
OTHER_WORDS = {
    '    "Hot dog?",\n': '    "A cat?",\n',
    'LabelClass(1, "1", "hot dog", "a hot dog")': 'LabelClass(1, "y", "tom cat", "a tom cat")',
    'LabelClass(0, "0", "other", "something else")': 'LabelClass(0, "n", "dogs", "a dog")',
}

#: Run where classes.py has these words: everything that people or programs are shown of labels.
SHOWN = """
import argparse, contextlib, sys, types
source = sys.stdin.read()
module = types.ModuleType("labapp.labels.classes")
sys.modules["labapp.labels.classes"] = module
exec(compile(source, "classes.py", "exec"), module.__dict__)

from datetime import UTC, datetime
from labapp.dataset.statistics import DatasetSnapshot
from labapp.labels import importing, label_file, sorting, tally
from labapp.labels.effective import labels_of
from labapp.labels.export import FORMATS, export_files
from labapp.labels.export.format import Labels
from labapp.programs import admin_menu, client_menu, find
from labapp.programs.dataset import upload_title
from labapp.programs.export import screen as export_screen
from labapp.programs.labelling import answering, asking
from labapp.programs.labelling.table import word_of
from labapp.programs.statistics import annotators_screen, annotators_table, commands, model
from labapp.programs.statistics import pictures_screen, screen, table
from labapp.console import theme

out = theme.stdout().print
for name in ("client.py", "admin.py"):
    for command in find(name).commands:
        with contextlib.suppress(SystemExit):
            find(name).parser().parse_args([*command.name.split(), "--help"])
scheme = module.DEFAULT_SCHEME
out(client_menu.help_text(scheme))
for menu in (client_menu, admin_menu):
    out(menu.HELP, *(line.title for line in menu.FIRST_STEPS))
for name in ("client.py", "admin.py"):
    out(*(line.title for command in find(name).commands for line in command.lines))
out(upload_title(types.SimpleNamespace(scheme=scheme)), export_screen.help_text(), answering.HELP)
out(scheme.question, scheme.asked)
out(*(word_of(label_file.Entry(one), scheme) for one in (*label_file.Label,)[:2]))
for key in asking.label_keys(scheme, lambda label: None):
    out(key.letter, key.words, key.help)
out(pictures_screen.help_text(scheme), pictures_screen.DISPUTED_HELP)
out(screen.HELP, annotators_screen.HELP)
at = datetime(2026, 1, 1, tzinfo=UTC)
said = [label_file.answer(label, at, who, who) for who, label in (
    ("ana", label_file.Label.ONE), ("bo", label_file.Label.ZERO),
    ("cy", label_file.Label.ONE))]
picture = labels_of("images/0123456789abcdef-a.jpg", label_file.LabelFile(tuple(said)))
look = DatasetSnapshot(at, {}, (picture,), (), 0)
summary = look.summary(1)
for each in FORMATS.values():
    for name, text in export_files(each, Labels((picture,), "b", 1, at)).items():
        out(name, *text)
out(table.pictures().document(summary.tallies[0]))
out(commands.all_pictures_row(table.Figures(summary, look)))
out(commands.totals(summary, look), commands.picture_document(picture))
out(commands.annotators_document(summary, look))
found = model.estimate(look, summary.tallies)
out(model.told(found), model.TOTALS.document(found), found.of(picture.key))
out(model.pictures_table(scheme, found).document(summary.tallies[0]))
people = annotators_table.annotators()
out(table.pictures().on_page(summary.tallies), people.on_page(summary.annotators))
out(people.details_of(summary.annotators[0]))
out(*table.pictures().row(summary.tallies[0]))
for look_at in (100, 200):
    known = types.SimpleNamespace(look=look, summary=summary, target=1, model=None,
        disputed=list(summary.tallies))
    out(screen._overview(known)(look_at, 40))
out(sorting.sorts(), sorting.filters())
for wrong in ("image_key,label\\na,9\\n", '[{"data": {}, "annotations": [{"result": '
              '[{"value": {"choices": ["x"]}}]}]}]'):
    out(*importing.read(wrong.encode(), importing.Reading("f")))
"""


def shown(source: str) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", SHOWN],
        input=source,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_other_file_has_them() -> None:
    fixed = "<Label.HOT_DOG: '1'>"  # part of ids that lie in label files, whatever the words are
    texts = {path: path.read_text("utf-8") for path in (ROOT / "labapp").rglob("*.py")}
    assert OLD.search(texts.pop(CLASSES))
    assert not [path for path, text in texts.items() if OLD.search(text.replace(fixed, ""))]


def test_with_other_words_there_nothing_shows_the_old_ones() -> None:
    source = CLASSES.read_text("utf-8")
    assert len(OLD.findall(shown(source))) > 30
    for old, new in OTHER_WORDS.items():
        assert source.count(old) == 1
        source = source.replace(old, new)
    text = shown(source)
    assert not OLD.findall(text)
    assert not re.findall(r"""['"`(]other['"`)]|\bother( %|_percent|s\b")|: \d+ other\b""", text)
    for word in ("A cat?", "tom cat", "tom-cat", "tomcat", "tom_cat_percent", "dogs_percent"):
        assert word in text
