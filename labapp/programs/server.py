"""server.py: a worker, and what service managers ask of it."""

from __future__ import annotations

from labapp.programs import doctor, workers
from labapp.programs.shell import commands as shell
from labapp.programs.shell.program import Program
from labapp.programs.workers import run

#: Settings of the worker, as `--help` lists them.
SETTINGS = (
    *("endpoint_url", "processes", "concurrency", "max_integers", "allow_negative"),
    *(
        "wait_seconds",
        "visibility_timeout",
        "max_receives",
        "grace_seconds",
        "report_seconds",
        "log",
    ),
    *("picture_processes", "picture_seconds", "picture_memory_mb", "max_source_mb"),
    *("max_megapixels", "max_side", "max_frames", "exact", "default_pipeline"),
    *("plain_source_prefix", "plain_result_prefix", "plain_error"),
)

PROGRAM = Program(
    "server.py",
    "Take jobs from the lab's queues, do them, store the results, answer the clients.\n"
    "Without a command it works until stopped, with a live console on a terminal.",
    (
        workers.HEALTH,
        workers.GUARD,
        doctor.SERVER,
        *shell.COMMANDS,
    ),
    run.run,
    run.arguments,
    ("", "--until-idle --plain", "--cloud aws --processes 2 --plain --log-format json"),
    SETTINGS,
)


def main() -> int:
    """Run server.py; return its exit code."""
    return PROGRAM.main()
