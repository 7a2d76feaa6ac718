"""Show in every page and field what would not be seen, whichever part has drawn it.

Parts show names by `figures.one_line`; what is typed, completed or kept in a field is drawn by
prompt_toolkit itself, which escapes controls and nothing else that hides.
"""

from __future__ import annotations

import functools

from labapp.visible import is_unseen, visible


class _Shown(dict[str, str]):
    """prompt_toolkit's table of signs to be drawn as others, with all that would not be seen."""

    def __contains__(self, sign: object) -> bool:
        if super().__contains__(sign):
            return True
        # A letter with its marks is asked for as one sign; it is seen.
        return isinstance(sign, str) and len(sign) == 1 and not sign.isascii() and is_unseen(sign)

    def __missing__(self, sign: str) -> str:
        return visible(sign)


@functools.cache
def show_unseen() -> None:
    """Have prompt_toolkit draw, and measure, such signs as their escapes."""
    from prompt_toolkit.layout.screen import Char

    Char.display_mappings = _Shown({**Char.display_mappings, "\xa0": visible("\xa0")})
