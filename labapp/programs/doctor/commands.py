"""The command: each finding in a line as it comes, what is not as it should be with its remedy."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from labapp import __version__
from labapp.cloud.doctor.examination import Examination
from labapp.cloud.doctor.finding import Finding, is_well
from labapp.programs.doctor import table
from labapp.programs.doctor.checks import checks_of, patient_of
from labapp.programs.shell.context import Context


def findings(context: Context) -> Iterator[Finding]:
    """Yield what is found, as it is; however that ends, no probe is left."""
    stop = threading.Event()
    patient = patient_of(context, stop)
    with Examination(checks_of(context, patient), stop) as examination:
        yield from examination.findings()


def examine(context: Context) -> int:
    """Try all that the program needs; return 0 where all holds, notes aside, else 1."""
    found = []
    for finding in findings(context):
        found.append(finding)
        if context.arguments.json:
            continue
        if context.on_terminal:
            _print(finding)
        else:
            context.row(*table.FINDINGS.row(finding))
    if context.arguments.json:
        head = {"program": context.program, "version": __version__, "cloud": context.settings.cloud}
        context.json({**head, **table.report(found)})
    else:
        context.say(table.summary(found))
    return 0 if is_well(found) else 1


def _print(finding: Finding) -> None:
    """Write a finding for people: its sign, its name, what was found, and what to do about it."""
    from labapp.console import theme

    theme.stdout().print(table.in_lines(finding))
