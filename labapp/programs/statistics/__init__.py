"""What the labels say: of all pictures, of one, of each annotator."""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line

COMMANDS = (
    Command(
        "stats",
        "show what the labels of each picture say, and all of them together",
        "statistics.commands:show_statistics",
        "statistics.commands:statistics_arguments",
        (
            "stats",
            "stats --sort disputed --filter in-progress",
            "stats --image images/0a1b2c3d4e5f6071-lunch.jpg",
            "stats --annotators",
            "stats --model dawid-skene",
            "stats --classes",
            "stats --confusion",
            "stats --annotator Ana --other Ben",
            "stats --json",
        ),
        writes=(
            "statistics.commands:PICTURES_DOCUMENT",
            "statistics.commands:ANNOTATORS_DOCUMENT",
            "statistics.model:DOCUMENT",
            "statistics.confusion:DOCUMENT",
            "statistics.per_class:DOCUMENT",
        ),
        lines=(Line("Label statistics", "statistics.screen:run", key="1"),),
    ),
)
