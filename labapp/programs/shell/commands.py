"""The commands that all three programs have: config, completion, help."""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line

#: Why menus neither trust nor distrust.
CONSENT = "a menu that trusted the folder it was started in would be on another cloud in the middle"

TRUST_NOTES = """\
A labapp.toml in the working folder may be anybody's who packed that folder. So
what it says of where data and credentials go (cloud, bucket, queues ...) is
left out until you allow it here, for this content at this path; each change of
the file, or of a dialect's that it names, asks again. Flags, the environment
and the labapp.toml in your config folder need no consent."""

COMPLETION_NOTES = """\
For this session, or for all from the shell's start-up file ($PROFILE):
  python PROGRAM completion powershell | Out-String | Invoke-Expression
or from that of another shell:
  bash   source <(./PROGRAM completion bash)
  zsh    eval "$(./PROGRAM completion zsh)"
  fish   ./PROGRAM completion fish | source
PowerShell completes 'python PROGRAM', too. The others complete a program by
its own name alone, so call it as ./PROGRAM; that needs the Python with
labapp's libraries first on the PATH, as 'source .venv/bin/activate' has it.
Then type its name, a blank, and Tab."""

COMMANDS = (
    Command(
        "config",
        "show every setting, its value and where it came from",
        "shell.config:show_settings",
        "shell.arguments:json_argument",
        ("config", "config --json", "--cloud aws config"),
        lines=(Line("Settings", "menus.actions:show_settings", key="s"),),
        writes=("shell.config:SETTINGS",),
        needs_dialect=False,
    ),
    Command(
        "config trust",
        "let the labapp.toml in this folder say where data and credentials go",
        "shell.config:trust_folder",
        "shell.config:trust_arguments",
        ("config trust", "config trust --yes"),
        TRUST_NOTES,
        unlisted=CONSENT,
        needs_dialect=False,
    ),
    Command(
        "config distrust",
        "take that back",
        "shell.config:distrust_folder",
        examples=("config distrust",),
        unlisted=CONSENT,
        needs_dialect=False,
    ),
    Command(
        "completion",
        "write a script that has a shell complete commands and flags",
        "shell.completion:write_script",
        "shell.completion:completion_arguments",
        ("completion bash", "completion powershell"),
        COMPLETION_NOTES,
        unlisted="a shell reads it",
        needs_dialect=False,
    ),
    Command(
        "help",
        "show a page of the manual, or what a command's --help does",
        "shell.manual:show_help",
        "shell.manual:help_arguments",
        ("help", "help labelling", "help config trust"),
        "Without a TOPIC it lists the pages.",
        unlisted="? tells of each page of a menu",
        needs_dialect=False,
    ),
)
