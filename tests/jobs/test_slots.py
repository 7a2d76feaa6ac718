from __future__ import annotations

import errno
import re
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from labapp.errors import LabappError
from labapp.jobs import slots
from labapp.jobs.wire import is_client_id

ROOT = Path(__file__).resolve().parents[2]

#: A program that takes a slot, says which, and keeps it until it is ended.
TAKER = """
import sys
from pathlib import Path
from labapp.jobs import slots
slot = slots.take(Path(sys.argv[1]), "ada")
print(slot.client, flush=True)
sys.stdin.read()
"""


def taker(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", TAKER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )


def taken_by(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_processes_never_share_a_slot_and_a_killed_one_frees_its_own(tmp_path: Path) -> None:
    processes = [taker(tmp_path) for _ in range(3)]
    held = [taken_by(process) for process in processes]
    assert len(set(held)) == 3
    assert all(is_client_id(client) for client in held)
    processes[0].kill()
    processes[0].communicate()
    again = slots.take(tmp_path, "ada", {held[0]})
    assert again.client == held[0]
    for process in processes[1:]:
        process.communicate()
        assert process.returncode == 0


def test_an_id_that_could_not_be_kept_whole_is_not_kept_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("labapp.files.replacing.os.fsync", full)
        with pytest.raises(LabappError, match="No space left"):
            slots.take(tmp_path, "ada")
    assert {path.name for path in (tmp_path / "clients" / "1").iterdir()} <= {"lock"}
    slots.take(tmp_path, "ada").release()
    assert is_client_id((tmp_path / "clients" / "1" / "id").read_text())


def test_the_next_session_finds_the_same_slot(tmp_path: Path) -> None:
    first = slots.take(tmp_path, "Ada B.")
    first.release()
    second = slots.take(tmp_path, "ada b")
    assert second.client == first.client


@pytest.mark.parametrize("other", ["annabel", "anna-b", "ann", "client"])
def test_nobody_is_given_the_slot_of_another_name(tmp_path: Path, other: str) -> None:
    first = slots.take(tmp_path, "anna")
    first.release()
    second = slots.take(tmp_path, other, {first.client})
    second.release()
    assert second.client.rpartition("-")[0] == other
    assert slots.take(tmp_path, "anna").client == first.client
    assert [slot.client for slot in slots.idle(tmp_path, {second.client})] == [second.client]


def test_a_slot_that_another_name_gets_meanwhile_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = slots._kept_id
    seen = []

    def too_early(path: Path) -> str | None:
        seen.append(path)
        if len(seen) == 1:  # nothing there yet; then another program has made it
            path.parent.mkdir(parents=True)
            path.write_text("bob-0123456789ab", encoding="utf-8")
            return None
        return looked_at(path)

    monkeypatch.setattr(slots, "_kept_id", too_early)
    assert slots.take(tmp_path, "anna").client.startswith("anna-")
    assert slots.take(tmp_path, "bob").client == "bob-0123456789ab"


def test_slots_in_hand_are_not_given_again(tmp_path: Path) -> None:
    held = [slots.take(tmp_path, "ada") for _ in range(4)]
    assert len({slot.client for slot in held}) == 4
    held[1].release()
    assert slots.take(tmp_path, "ada").client == held[1].client


def test_who_still_waits_for_answers_is_taken_first_however_many_are_free(tmp_path: Path) -> None:
    held = [slots.take(tmp_path, "ada") for _ in range(6)]
    for slot in held:
        slot.release()
    assert slots.take(tmp_path, "ada", {held[5].client}).client == held[5].client


def test_a_waiting_slot_in_other_hands_leaves_the_first_free_one(tmp_path: Path) -> None:
    held = [slots.take(tmp_path, "ada") for _ in range(3)]
    held[0].release()
    for _ in range(5):
        slot = slots.take(tmp_path, "ada", {held[2].client, "never-seen"})
        assert slot.client == held[0].client
        slot.release()
    assert len(list((tmp_path / "clients").iterdir())) == 3, "no slot is made for nothing"


@pytest.mark.parametrize("name", ["Ada Lovelace", "", "..", "a" * 100, "Zoë/../x", "ПРИВЕТ"])
def test_any_users_name_makes_an_id_that_workers_take(tmp_path: Path, name: str) -> None:
    assert is_client_id(slots.take(tmp_path, name).client)


def test_an_id_is_the_beginning_of_the_users_name_and_48_random_bits(tmp_path: Path) -> None:
    for name, begins in (("Ada Lovelace von Byron", "ada-lovelace-von-byr"), ("...", "client")):
        made = slots.take(tmp_path / begins, name).client
        assert re.fullmatch(f"{begins}-[0-9a-f]{{12}}", made)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../requestQueue", b"a" * 41, b"a\nb"])
def test_a_corrupt_id_is_made_anew(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "clients" / "1"
    folder.mkdir(parents=True)
    (folder / "id").write_bytes(content)
    slot = slots.take(tmp_path, "ada")
    assert is_client_id(slot.client)
    assert (folder / "id").read_text() == slot.client


def test_an_id_that_cannot_be_written_is_told_and_the_slot_let_go(tmp_path: Path) -> None:
    (tmp_path / "clients" / "1" / "id").mkdir(parents=True)
    with pytest.raises(LabappError, match=r"clients.1 cannot be used"):
        slots.take(tmp_path, "ada")
    (tmp_path / "clients" / "1" / "id").rmdir()
    assert slots.take(tmp_path, "ada")


def test_a_folder_that_cannot_be_used_is_told_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "clients").touch()
    with pytest.raises(LabappError) as caught:
        slots.take(tmp_path, "ada")
    assert str(tmp_path / "clients") in caught.value.message
    assert "LABAPP_DATA_DIR" in caught.value.remedy


def test_when_all_are_taken_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "MOST_SLOTS", 2)
    held = [slots.take(tmp_path, "ada") for _ in range(2)]
    with pytest.raises(LabappError, match="all 2 client slots are taken"):
        slots.take(tmp_path, "ada")
    assert held


def test_who_finds_a_slot_in_other_hands_gives_it_no_name(tmp_path: Path) -> None:
    (tmp_path / "clients" / "1").mkdir(parents=True)
    with FileLock(tmp_path / "clients" / "1" / "lock"):  # taken a moment ago, and nameless yet
        slots.take(tmp_path, "ada").release()
        assert not (tmp_path / "clients" / "1" / "id").exists()
    assert (tmp_path / "clients" / "2" / "id").exists()


def test_each_idle_slot_is_in_hand_until_the_next_is_asked_for(tmp_path: Path) -> None:
    taken = [slots.take(tmp_path, "ada") for _ in range(3)]
    for slot in taken[:2]:
        slot.release()
    clients = [slot.client for slot in taken]

    def is_free(client: str) -> bool:
        slot = slots.take(tmp_path, "ada", {client})
        slot.release()
        return slot.client == client

    idle = slots.idle(tmp_path, clients)
    for _ in range(2):
        slot = next(idle)
        assert slot.client in clients[:2]
        assert [is_free(client) for client in clients[:2]].count(False) == 1
        assert not is_free(slot.client)
    assert list(idle) == [], "the third is in other hands"
    assert is_free(clients[0])
    assert is_free(clients[1])
    assert list(slots.idle(tmp_path, {"never-seen"})) == []


def test_a_slot_is_held_by_the_file_that_every_version_locks(tmp_path: Path) -> None:
    slot = slots.take(tmp_path, "ada")
    with pytest.raises(Timeout):
        FileLock(tmp_path / "clients" / "1" / "lock", timeout=0).acquire()
    slot.release()
    with FileLock(tmp_path / "clients" / "1" / "lock", timeout=0):
        assert slots.take(tmp_path, "ada").client != slot.client
