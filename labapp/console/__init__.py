"""The Rich and questionary parts that all three programs are made of.

Nothing heavy is imported here or at the top of any part but `markdown`: rich, prompt_toolkit,
questionary, numpy and PIL load where they are first used, so that `--help` and scripts pay for none
of them.

    theme     colours and glyphs, decided once      figures   numbers, sizes, ages in words
    key       a key, its words and what it does     bindings  what listens while a page is open
    stage     what stands on a page, and around     screen    how a part gets on the screen
    header    the top of every screen               layout    where all of it stands
    tables    one table style                       text      cut to the room there is
    menu      keys that act at once                 page      a result, until dismissed
    prompts   text, numbers, paths, yes or no       lists     checklist, searchable list
    waiting   a spinner that can be left            progress  bytes sent, files finished
    picture   a picture in character cells          slider    a value with a live preview
    below     a page below a log                    escape    Esc beside a bar
    sparkline values as small bars                  markdown  a page of the manual
"""

from __future__ import annotations


class Back(Exception):  # noqa: N818 - control flow, not an error: the user took one step back
    """The user pressed Esc: leave this step and show the one before it."""
