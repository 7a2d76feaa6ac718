"""What was found of an endpoint is kept, and told once."""

from __future__ import annotations

import threading

from labapp.cloud.abilities import LACKING, Abilities, Ability


def test_what_was_found_before_anybody_listened_is_told_then_and_only_once() -> None:
    known, told = Abilities(), list[str]()
    known.note(Ability.BATCHES, holds=False)
    known.note(Ability.CONDITIONS, holds=True)
    known.listen(told.append)
    known.listen(told.append)
    threads = [
        threading.Thread(target=known.note, args=(Ability.COPIES,), kwargs={"holds": False})
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [LACKING[Ability.BATCHES], LACKING[Ability.COPIES]]
    assert known.holds(Ability.BATCHES) is False
    assert known.holds(Ability.CONDITIONS) is True
    assert known.holds(Ability.GROUPS) is None
    assert {*Ability} == {*LACKING}
