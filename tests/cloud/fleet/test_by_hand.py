"""The steps by hand: AWS has each command and option, and the worker is installed as the fleet's.

`python -m tests.clouds by-hand` runs the commands, by AWS's own program.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

import labapp
from labapp.cloud.fleet import template
from tests.support.by_hand import aws_commands, blocks, file_named

TOP = Path(labapp.__file__).parents[1]
COMMANDS = aws_commands("text", "sh")

#: Options of the program itself, and those that it makes of others.
OWN = {"--query", "--output", "--cli-input-json"}
MADE = {
    "run-instances": {"--count"},
    "authorize-security-group-ingress": {"--protocol", "--port", "--cidr"},
}

#: What every step has in the end.
INSTALLED = ("labapp.service", "labapp-health.service", "labapp-health.timer")


@pytest.fixture(scope="module")
def session() -> botocore.session.Session:
    return botocore.session.get_session()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words[1:4]))
def test_aws_has_the_command_and_its_options(
    session: botocore.session.Session, command: list[str]
) -> None:
    _, service, name, *rest = command
    model = session.get_service_model(service)
    if name == "wait":
        waiters = session.get_waiter_model(service)
        name, rest = rest[0], rest[1:]
        known = {xform_name(waiter, "-"): waiter for waiter in waiters.waiter_names}
        operation = model.operation_model(waiters.get_waiter(known[name]).operation)
    else:
        operations = {xform_name(one, "-"): one for one in model.operation_names}
        operation = model.operation_model(operations[name])
    shape = operation.input_shape
    assert shape is not None
    members = {f"--{xform_name(member, '-')}": member for member in shape.members}
    options = {word for word in rest if word.startswith("--")}
    assert options - OWN - MADE.get(name, set()) <= members.keys()
    if "--cli-input-json" not in options:
        assert {f"--{xform_name(one, '-')}" for one in shape.required_members} <= options


def test_the_instance_is_one_that_aws_takes(session: botocore.session.Session) -> None:
    asked = file_named("instance.json")
    shape = session.get_service_model("ec2").operation_model("RunInstances").input_shape
    assert shape is not None
    report = ParamValidator().validate({**asked, "MinCount": 1, "MaxCount": 1}, shape)
    assert not report.has_errors(), report.generate_report()


def test_the_instance_is_as_the_fleets() -> None:
    asked, fleet = file_named("instance.json"), template.FILE.read_text("utf-8")
    image = asked["ImageId"].removeprefix("resolve:ssm:")
    assert f"Default: {image}\n" in fleet
    assert f"Default: {asked['InstanceType']}\n" in fleet
    for name, value in asked["MetadataOptions"].items():
        assert re.search(rf"{name}: {value}\b", fleet) or name == "HttpEndpoint", name
    assert file_named("trust.json")["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}


def test_nobody_else_may_come_in() -> None:
    rules = [words for words in COMMANDS if words[2] == "authorize-security-group-ingress"]
    assert [words[words.index("--cidr") + 1].rpartition("/")[2] for words in rules] == ["32"]


def test_both_shells_say_the_same_to_aws() -> None:
    assert aws_commands("sh") == aws_commands("powershell")


def test_what_is_made_is_removed() -> None:
    made = {words[2].partition("-")[2] for words in COMMANDS if words[2].startswith("create-")}
    gone = {words[2].partition("-")[2] for words in COMMANDS if words[2].startswith("delete-")}
    assert made - {"image"} <= gone
    names = [words[2] for words in COMMANDS]
    for made_by, removed_by in (
        ("run-instances", "terminate-instances"),
        ("create-image", "deregister-image"),
        ("put-role-policy", "delete-role-policy"),
        ("add-role-to-instance-profile", "remove-role-from-instance-profile"),
    ):
        assert names.index(made_by) < names.index(removed_by)


@pytest.mark.skipif(sys.platform != "linux", reason="systemd is Linux's")
def test_the_steps_install_the_worker_and_its_units(tmp_path: Path) -> None:
    (steps,) = [block for block in blocks("sh") if "/etc/systemd/system" in block]
    root, home, tools = tmp_path / "root", tmp_path / "home", tmp_path / "tools"
    for folder in (root / "etc/systemd/system", root / "opt", home, tools):
        folder.mkdir(parents=True)
    shutil.copytree(TOP / "labapp/cloud/fleet", home / "labapp/cloud/fleet")
    (home / "server.py").write_text("")
    said = tmp_path / "said"
    for name in ("dnf", "useradd", "systemctl", "python3.11"):
        tool = tools / name
        tool.write_text(f'#!/bin/sh\necho {name} "$@" >> {said}\n')
        tool.chmod(0o755)
    (tools / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
    (tools / "sudo").chmod(0o755)
    python = root / "opt/labapp/.venv/bin/python"
    script = re.sub(r"(?<![\w.])/(?=(opt|etc)/)", f"{root}/", steps)
    # The environment that python3.11 would have made is there as soon as its folder is.
    script = script.replace("sudo python3.11", f"install -D {tools}/dnf {python}\nsudo python3.11")
    environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
    subprocess.run(
        ["bash", "-euc", script], cwd=home, env=environment, check=True, capture_output=True
    )

    units = TOP / "labapp/cloud/fleet/units"
    for name in INSTALLED:
        there = root / "etc/systemd/system" / name
        assert there.read_bytes() == (units / name).read_bytes()
    lines = said.read_text().splitlines()
    assert lines[0] == "dnf install -y python3.11 python3.11-pip"
    assert f"--require-hashes -r {root}/opt/labapp/labapp/cloud/fleet/worker.lock" in lines[3]
    assert lines[-1] == f"systemctl enable --now {INSTALLED[0]} {INSTALLED[2]}"
    environment_file = (root / "etc/labapp.env").read_text()
    service = (units / "labapp.service").read_text("utf-8")
    assert "EnvironmentFile=/etc/labapp.env" in service
    assert "ExecStart=/opt/labapp/.venv/bin/python server.py" in service
    assert "LABAPP_DATA_DIR=/var/lib/labapp\nHOME=/var/lib/labapp\n" in environment_file


def test_the_steps_are_those_of_the_fleets_own_boot() -> None:
    boot = (TOP / "labapp/cloud/fleet/user_data.sh").read_text("utf-8")
    (steps,) = [block for block in blocks("sh") if "/etc/systemd/system" in block]
    user = "useradd --system --home-dir /var/lib/labapp --shell /sbin/nologin labapp"
    for word in ("python3.11 python3.11-pip", user, "--only-binary :all: --require-hashes"):
        assert word in boot
        assert word in steps
