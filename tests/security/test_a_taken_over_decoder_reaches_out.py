"""A picture takes its decoder over, which then reaches for the network and for other processes.

It opens no socket of any kind, starts no program and no process, signals, traces and reads nobody,
types into no terminal, and asks for no corner of the kernel that others have been broken into by.
Threads, which libraries start, it may have.
"""

from __future__ import annotations

import os
import platform
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labapp.errors import JobFailedError
from labapp.pictures import confinement, forked
from labapp.pictures.confinement import seccomp
from labapp.pictures.confinement.seccomp import program
from labapp.pictures.sandbox import Sandbox
from tests.security.taken_over import (
    DENIED,
    LINE,
    be_sent_signals_for,
    become_a_program,
    bound_cpu,
    call,
    connect,
    done,
    fork,
    fork_on_a_terminal,
    open_socket,
    open_terminal,
    read_memory,
    reconnect_the_line,
    run_a_program,
    send_to_abstract,
    threads,
    threads_of_a_library,
    trace,
    type_into,
    warm,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what Linux alone lets us give up")


@pytest.fixture(scope="module", params=[True, False], ids=["forked", "started"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return warm(confinement.NETWORK, forks=request.param)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def test_no_socket_of_any_kind_is_opened(sandbox: Sandbox, listener: socket.socket) -> None:
    assert done(sandbox, connect, listener.getsockname()[1])[1] in DENIED
    with pytest.raises(BlockingIOError):
        listener.accept()
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
            assert done(sandbox, open_socket, family, kind)[1] in DENIED
    assert done(sandbox, send_to_abstract, "labapp")[1] in DENIED
    assert done(sandbox, socket.socketpair)[1] in DENIED
    assert done(sandbox, reconnect_the_line)[1] in DENIED


@pytest.mark.parametrize(
    "deed",
    [fork, fork_on_a_terminal, run_a_program, become_a_program],
    ids=lambda deed: deed.__name__,
)
def test_no_process_and_no_program_is_started(sandbox: Sandbox, deed: Callable[[], object]) -> None:
    outcome, why = done(sandbox, deed)
    assert outcome == "failed"
    assert why in DENIED


def test_nobody_is_signalled_traced_read_or_bounded(sandbox: Sandbox) -> None:
    _, own = done(sandbox, os.getpid)
    server = forked._servers["labapp.worker.preload"]._process.pid
    for pid in (os.getpid(), server, 1):
        for number in (0, signal.SIGTERM, signal.SIGKILL):
            assert done(sandbox, os.kill, pid, number)[1] in DENIED
        for deed in (trace, read_memory, bound_cpu, be_sent_signals_for, os.pidfd_open):
            assert done(sandbox, deed, pid)[1] in DENIED, deed
    for several in (0, -1, -os.getpgrp()):
        assert done(sandbox, os.kill, several, 0)[1] in DENIED
    assert done(sandbox, os.kill, own, 0) == ["did", None], "itself it may"


def test_nothing_is_typed_into_a_terminal(sandbox: Sandbox) -> None:
    for descriptor in (0, 1, 2, LINE):
        assert done(sandbox, type_into, descriptor)[1] in DENIED
    assert done(sandbox, open_terminal)[0] == "failed"


#: By their numbers on x86-64 and arm64 (-1: not there).
CORNERS = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "chroot": (161, 51),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "io_uring_setup": (425, 425),
    "memfd_create": (319, 279),
    "execveat": (322, 281),
    "process_vm_writev": (311, 271),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "clone3": (435, 435),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "personality": (135, 92),
    "seccomp": (317, 277),
    "prctl": (157, 167),
    "setuid": (105, 146),
    "capset": (126, 91),
    "ioperm": (173, -1),
    "init_module": (175, 105),
    "reboot": (169, 142),
    "mknodat": (259, 33),
    "open_by_handle_at": (304, 265),
    "sched_setaffinity": (203, 122),
    "setpriority": (141, 140),
    "timer_create": (222, 107),
}


@pytest.mark.parametrize("name", CORNERS)
def test_no_corner_of_the_kernel_is_asked_for(sandbox: Sandbox, name: str) -> None:
    number = CORNERS[name][0 if platform.machine() == "x86_64" else 1]
    if number < 0:
        pytest.skip("not on this machine")
    outcome, why = done(sandbox, call, number, 0, 0, 0, 0)
    assert (outcome, why) == ("failed", "ENOSYS" if number >= 424 else "EPERM")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is x86-64's")
def test_calls_by_another_machines_numbers_end_the_child_and_are_told(sandbox: Sandbox) -> None:
    with pytest.raises(JobFailedError, match=r"what no picture needs \(SIGSYS\)"):
        done(sandbox, call, 0x4000_0000 | 39)


def test_threads_are_started_as_ever(sandbox: Sandbox) -> None:
    assert done(sandbox, threads) == ["did", 6]
    assert done(sandbox, threads_of_a_library) == ["did", 7]


def test_the_numbers_of_the_calls_are_the_systems(tmp_path: Path) -> None:
    headers = [Path("/usr/include") / f"{platform.machine()}-linux-gnu/asm/unistd_64.h",
               Path("/usr/include/asm-generic/unistd.h")]  # fmt: skip
    if not all(header.exists() for header in headers):
        pytest.skip("no headers of the kernel here")
    for column, header in enumerate(headers):
        numbers = {}
        for text in header.read_text().splitlines():
            match text.split():
                case ["#define", name, number, *_] if name.startswith("__NR") and number.isdigit():
                    numbers[name.partition("_")[2].removeprefix("_NR_").removeprefix("_NR3264_")] \
                        = int(number)  # fmt: skip
        numbers.setdefault("newfstatat", numbers.get("fstatat", -1))
        for name, *own in seccomp.FREE:
            assert own[column] == numbers.get(name), (name, header)


def test_the_filter_of_each_machine_is_short_enough_for_the_kernel() -> None:
    for machine, column in ((0xC000_003E, 0), (0xC000_00B7, 1)):
        code = program(machine, column, 4711)
        assert len(code) % 8 == 0
        assert len(code) // 8 <= 4_096  # BPF_MAXINSNS
        assert code[-8:] == b"\x06\x00\x00\x00\x01\x00\x05\x00", "what is not listed fails: EPERM"
