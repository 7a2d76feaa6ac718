"""What between the blocks of a dialect could never work, whatever the settings are."""

from __future__ import annotations

from labapp.dialects.patterns import fits
from labapp.dialects.rules import Block, Condition, Dialect, Fault
from labapp.dialects.tables import shown


def faults(dialect: Dialect) -> list[Fault]:
    """Return what is wrong with each block beside those before it."""
    found = []
    for place, later in enumerate(dialect.blocks):
        if any(one.name == later.name for one in dialect.blocks[:place]):
            what = f"two blocks are called {shown(later.name)}"
            found.append(
                Fault(later.line_of("name"), what, "Refusals and logs name them: change one.")
            )
        earlier = next((one for one in dialect.blocks[:place] if covers(one, later)), None)
        if earlier:
            what = f"{later.name} is never reached, as {earlier.name} takes all of its messages"
            remedy = "Tell them apart by when = { ... }, or put the narrower one first."
            found.append(Fault(later.line, what, remedy))
    return found


def covers(earlier: Block, later: Block) -> bool:
    """Tell whether an earlier block takes every message that a later one is for."""
    if earlier.queue != later.queue:
        return False
    if not earlier.queue and earlier.is_numbers is not later.is_numbers:
        return False  # settings have a queue for each kind
    parted_alike = earlier.work.separators == later.work.separators
    return all(
        any(
            other.fact == one.fact
            and (parted_alike or not one.fact.startswith("field"))
            and _implied(one, other)
            for other in later.when
        )
        for one in earlier.when
    )


def _implied(one: Condition, other: Condition) -> bool:
    """Tell whether a condition holds wherever another on the same fact does."""
    if not one.patterns or not other.patterns:
        return one.patterns == other.patterns
    # A star of the other's is fitted by a star alone, and then so is all that it stands for.
    return all(any(fits(wide, narrow) for wide in one.patterns) for narrow in other.patterns)
