"""The id of a job commits to the nonce of its request, and to nothing that others can find."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from labapp.jobs import proof
from labapp.jobs.proof import Identity, new_identity, new_nonce, proves

NONCES = st.text("abcXYZ012_-", min_size=22, max_size=64)


def test_an_identity_is_proved_by_its_own_nonce_for_its_own_client_alone() -> None:
    one, other = new_identity("ada"), new_identity("ada")
    assert proves(one.nonce, one.job, "ada")
    assert not proves(one.nonce, one.job, "bob")
    assert not proves(other.nonce, one.job, "ada")
    assert not proves(one.nonce, other.job, "ada")


def test_the_time_of_an_id_is_proved_too() -> None:
    one = new_identity("ada")
    later = str(ULID.from_bytes(bytes(5) + b"\x01" + ULID.from_str(one.job).bytes[6:]))
    assert later[10:] == one.job[10:]
    assert not proves(one.nonce, later, "ada")


@given(NONCES, st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True))
def test_any_nonce_makes_an_id_that_it_proves(nonce: str, client: str) -> None:
    made = new_identity(client, nonce)
    assert made.nonce == nonce
    assert proves(nonce, made.job, client)
    at = range(10, 26)
    changed = [made.job[:n] + ("0" if made.job[n] != "0" else "1") + made.job[n + 1 :] for n in at]
    assert not any(proves(nonce, job, client) for job in changed)


@given(st.text(), st.text(), st.text())
def test_anything_is_looked_at(nonce: str, job: str, client: str) -> None:
    assert not proves(nonce, job, client)


@pytest.mark.parametrize(
    "nonce", ["", "short", "a" * 21, "a" * 65, "ä" * 30, "a b" * 10, "a" * 30 + "\n"]
)
def test_what_is_no_nonce_proves_nothing(nonce: str) -> None:
    made = new_identity("ada", nonce or new_nonce())
    assert not proves(nonce, made.job, "ada")


def test_only_an_id_in_the_one_spelling_is_proved() -> None:
    made = new_identity("ada")
    assert not proves(made.nonce, made.job.lower(), "ada")
    assert not proves(made.nonce, made.job + "0", "ada")
    assert not proves(made.nonce, "I" + made.job[1:], "ada")


def test_ids_tell_the_time_and_nonces_are_all_different() -> None:
    made = [new_identity("ada") for _ in range(200)]
    assert len({one.job for one in made}) == len({one.nonce for one in made}) == 200
    age = datetime.now(UTC) - ULID.from_str(made[0].job).datetime
    assert timedelta(0) <= age < timedelta(minutes=1)
    assert all(proof.is_nonce(one.nonce) and len(one.nonce) == 32 for one in made)


def test_a_nonce_is_not_shown() -> None:
    assert "secret" not in repr(Identity("job", "secret"))


def test_nonces_are_compared_whatever_they_are() -> None:
    assert proof.same("abc", "abc")
    assert not proof.same("abc", "abd")
    assert not proof.same("abc", "\udc80ä")


def test_the_way_that_readme_tells_makes_the_same_id() -> None:
    import hashlib

    made = new_identity("ada")
    text = "\n".join(("labapp job", made.job[:10], "ada", made.nonce))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:10], "big")
    signs = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    assert made.job[10:] == "".join(signs[number >> 5 * n & 31] for n in range(15, -1, -1))
