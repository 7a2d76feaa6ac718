"""What every program does at every prompt, checked on real processes.

The list is that of a good citizen of a shell: results on stdout and all else on stderr, exit codes
that tell, nothing that hangs, and no traceback whatever the pipe does.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from labapp import settings
from labapp.console.terminal import Hold, held
from labapp.jobs.wire import quoted
from labapp.programs import find
from labapp.programs.shell import exits
from tests.dataset.dataset_kit import picture_bytes
from tests.programs.conftest import ROOT, Run
from tests.support.commands import admin

PROGRAMS = ("client.py", "admin.py", "server.py")
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs ptys")
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110

#: What parsing and `--help` have no need for.
HEAVY = ("boto3", "botocore", "rich", "questionary", "prompt_toolkit", "numpy", "PIL")

LOOK_AT_MODULES = f"""
import sys
from labapp.programs import find
name, *words = sys.argv[1:]
try:
    find(name).main(words)
except SystemExit:
    pass
print("LOADED", [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


@dataclass(frozen=True)
class Done:
    """How a program ended that was run at a terminal, and all that it wrote there."""

    code: int
    screen: str


def at_a_terminal(*words: str, typed: str = "", env: Mapping[str, str] | None = None) -> Done:
    import pexpect

    process = pexpect.spawn(
        sys.executable,
        [str(ROOT / words[0]), *words[1:]],
        env={**os.environ, "TERM": "xterm", **(env or {})},
        encoding="utf-8",
        timeout=60,
    )
    process.delaybeforesend = None
    process.sendline(typed)
    process.expect(pexpect.EOF)
    screen = str(process.before)
    process.close()
    return Done(process.exitstatus, screen)


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_is_a_result_with_examples_and_exit_codes(run: Run, program: str) -> None:
    done = run(program, "--help")
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert f"examples:\n  python {program}" in text
    for code in ("0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "130", "143"):
        assert f"\n  {code}" in text
    for command in find(program).commands:
        assert command.name.partition(" ")[0] in text


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_command_has_help_with_an_example(
    program: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for command in find(program).commands:
        for flag in ("-h", "--help"):
            with pytest.raises(SystemExit) as ended:
                find(program).main([*command.name.split(), flag])
            assert ended.value.code == 0
            text = capsys.readouterr().out
            assert f"examples:\n  python {program}" in text, command.name
            assert all(len(line) <= 80 for line in text.splitlines()), command.name
            assert "Every setting is a flag" in text


@pytest.mark.parametrize(
    ("program", "listed"),
    [
        ("server.py", "processes concurrency max-integers wait-seconds picture-memory-mb"),
        ("client.py", "timeout annotator max-integers endpoint-url"),
        ("admin.py", "target-answers port"),
    ],
)
def test_the_settings_that_matter_to_a_program_are_in_its_help(
    run: Run, program: str, listed: str
) -> None:
    text = run(program, "--help", env={"COLUMNS": "80"}).stdout.decode()
    flags = re.findall(r"^  --([a-z-]+)", text, re.MULTILINE)
    assert set(listed.split()) <= set(flags)
    assert all(len(line) <= 80 for line in text.splitlines())
    usage = text.partition("\n\n")[0]
    assert "--cloud" not in usage, "settings would fill it"


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_setting_is_a_flag(program: str) -> None:
    parser = find(program).parser()
    for name in settings.names():
        given = parser.parse_args(["--" + name.replace("_", "-"), "x", "config"])
        assert getattr(given, f"setting_{name}") == "x"


def test_a_flag_before_a_command_that_has_it_as_its_own_is_heard() -> None:
    given = find("client.py").parser().parse_args(["--timeout", "3", "numbers", "1"])
    assert given.setting_timeout == "3"


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_version_is_a_result(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        find(program).main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("labapp ")


@pytest.mark.parametrize(
    "words",
    [
        ("client.py", "--help"),
        ("client.py", "--nope"),
        ("client.py", "numbers", "1,-1"),
        ("admin.py", "queues", "purge"),
        ("admin.py", "config", "--json"),
        ("server.py", "--version"),
    ],
)
def test_help_and_mistakes_load_nothing_heavy(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK_AT_MODULES, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == "LOADED []"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("client.py", "nubmers"), "did you mean 'numbers'?"),
        (("client.py", "--nope"), "unrecognized arguments: --nope"),
        (("client.py", "numbers", "--jsn", "1"), "did you mean --json?"),
        (("client.py", "numbers", "1", "--tiemout", "3"), "did you mean --timeout?"),
        (("client.py", "--clod", "aws", "jobs"), "did you mean --cloud?"),
        (("client.py", "numbers"), "numbers takes one list"),
        (("client.py", "numbers", "1", "--random", "2"), "numbers takes one list"),
        (
            ("client.py", "numbers", "--random", "many"),
            "--random is 'many', and it takes a whole number",
        ),
        (("client.py", "numbers", "1", "--timeout", "-1"), "is '-1'. It takes a number, 0"),
        (("client.py", "answer", "KEY"), "required: CLASS"),
        (("client.py", "completion"), "required: SHELL"),
        (("client.py", "completion", "bsh"), "did you mean 'bash'?"),
        (("admin.py", "cloud", "statsu"), "did you mean 'status'?"),
        (("admin.py", "queues", "purge"), "required: QUEUE"),
        (("admin.py", "logs", "-n"), "expected one argument"),
        (("admin.py", "logs", "-n", "0"), "-n is 0"),
        (("admin.py", "logs", "-n", "-3"), "-n is -3"),
        (("server.py", "--until-idel"), "did you mean --until-idle?"),
        (("server.py", "--concurrency", "lots"), "It takes a whole number"),
        (("server.py", "--log-format", "xml"), "there is text, json"),
    ],
)
def test_a_mistake_is_usage_on_stderr_and_says_what_was_meant(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    assert find(words[0]).main(words[1:]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.startswith(f"{words[0]}: ")
    assert f"{words[0]}: {words[0]}" not in err


@pytest.mark.parametrize("program", ["client.py", "admin.py"])
def test_without_a_terminal_a_menu_is_usage_and_nothing_hangs(run: Run, program: str) -> None:
    done = run(program)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"{program} --help" in done.stderr.decode()


@POSIX
@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("program", ["client.py", "admin.py"])
def test_a_terminal_that_cannot_move_its_cursor_gets_numbered_menus(program: str) -> None:
    done = at_a_terminal(program, typed="<\nq", env={"TERM": "dumb"})
    assert done.code == 0
    assert "Accessible mode (TERM is dumb)" in done.screen
    assert "q. Quit" in done.screen
    assert "\x1b" not in done.screen


@pytest.mark.parametrize("program", PROGRAMS)
def test_piped_output_holds_no_escape_codes_even_where_colour_is_forced(
    run: Run, program: str
) -> None:
    done = run(program, "config", env={"FORCE_COLOR": "1", "TERM": "xterm-256color"})
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"local" in done.stdout


def test_json_is_one_document_even_where_colour_is_forced(run: Run) -> None:
    done = run("admin.py", "cloud", "status", "--json", env={"FORCE_COLOR": "1"})
    assert done.returncode == 0
    assert json.loads(done.stdout)["state"] == "stopped"


@FULL
@pytest.mark.parametrize("words", [("--help",), ("config",), ("completion", "bash")])
def test_a_full_disk_is_told_in_one_line(run: Run, words: tuple[str, ...]) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    done = run("client.py", *words, stdout=full)
    os.close(full)
    assert done.returncode == 1
    told = done.stderr.decode()
    assert told.startswith("client.py: cannot write the output: No space left on device. Make room")
    assert told.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize("words", ["--help", "config", "completion zsh"])
def test_a_reader_that_had_enough_is_no_error_to_speak_of(run: Run, words: str) -> None:
    line = f"{sys.executable} {ROOT / 'client.py'} {words} | head -1"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


#: Commands of all programs, on a lab that has nothing yet and then a picture.
INTO_PIPES = (
    "admin.py cloud start", "client.py upload {picture}", "admin.py stats", "admin.py stats --json",
    "admin.py queues", "client.py label", "server.py --plain --until-idle --wait-seconds 1",
    "admin.py cloud stop",
)  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="needs a pipe that is closed")
@pytest.mark.usefixtures("home")
def test_nobody_who_reads_is_no_error_of_any_command(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_ANNOTATOR", "anna")
    (tmp_path / "1.png").write_bytes(picture_bytes(1))
    told = {}
    for command in INTO_PIPES:
        program, *words = command.format(picture=tmp_path / "1.png").split()
        read, write = os.pipe()
        os.close(read)
        done = run(program, *words, stdout=write)
        os.close(write)
        told[command] = done.returncode
        assert "Traceback" not in done.stderr.decode(), command
        assert "Broken pipe" not in done.stderr.decode(), command
    assert told == dict.fromkeys(INTO_PIPES, 0)


def test_threads_that_fail_are_told_in_a_line_once_nothing_is_on_the_terminal() -> None:
    told: list[str] = []
    threads = exits.ThreadErrors(told.append)
    failed = threading.ExceptHookArgs((ZeroDivisionError, ZeroDivisionError("a bug"), None, None))
    with held(Hold(io.StringIO())):
        threads(failed)
        assert told == []
    threads.tell()
    assert len(told) == 1
    assert "an unforeseen error: ZeroDivisionError: a bug" in told[0]
    threads(failed)  # as a thread that goes on may each second
    assert len(told) == 1
    pages: list[str] = []
    threads.announce = pages.append
    threads(threading.ExceptHookArgs((ValueError, ValueError("another"), None, None)))
    assert len(told) == 1
    assert "ValueError: another" in pages[0]


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_end_no_program(closed: str) -> None:
    line = f"{sys.executable} {ROOT / 'admin.py'} cloud status {closed}"
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_signs_that_the_terminal_lacks_end_no_program(run: Run) -> None:
    done = run("client.py", "--help", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("program", "shell"),
    [
        *((program, shell) for program in PROGRAMS for shell in ("bash", "powershell")),
        ("admin.py", "zsh"),
        ("client.py", "fish"),
    ],
)
def test_completion_is_a_script_that_the_shell_reads(run: Run, program: str, shell: str) -> None:
    done = run(program, "completion", shell)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"config" in done.stdout
    found = shutil.which(shell)
    if found and shell != "powershell":
        checked = subprocess.run([found, "-n"], input=done.stdout, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, b"")


def test_an_unforeseen_error_is_one_line_and_its_traceback_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from labapp.programs.cloud import status

    def breaks(_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(status, "status", breaks)
    assert admin("cloud") == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "an unforeseen error: ZeroDivisionError: a bug" in err
    kept = err.partition("what stands in ")[2].strip().rstrip(".")
    with open(kept, encoding="utf-8") as file:  # noqa: PTH123
        assert "Traceback" in file.read()


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt, 130), (EOFError, 130)])
def test_an_interrupt_ends_quietly(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    raised: type[BaseException],
    code: int,
) -> None:
    from labapp.programs.cloud import status

    def interrupted(_: object) -> None:
        raise raised

    monkeypatch.setattr(status, "status", interrupted)
    assert admin("cloud") == code
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("home")
def test_without_unicode_no_line_has_an_ellipsis(run: Run, tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(picture_bytes(1))
    env = {"LANG": "C", "LC_ALL": "C"}
    done = run("client.py", "upload", str(tmp_path / "1.png"), env=env)
    assert done.stdout == b"uploading 1.png ... done\n"
    assert quoted("x" * 90, 80).isascii()
