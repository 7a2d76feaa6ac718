"""The Rich and questionary parts that all three programs are made of.

Nothing heavy is imported here or at the top of any part but `markdown`: rich, prompt_toolkit,
questionary, numpy and PIL load where they are first used, so that `--help` and scripts pay for none
of them.

    theme     colours and signs, decided once       figures   numbers, sizes, names as shown
    terminal  held, and given back as it was        windows   what its consoles can show
    key       a key, its words and what it does     screen    how a part gets on the screen
    stage     what stands on a page, and around     layout    where all of it stands
    header    the top of every screen               listing   what scrolls, and a pointer
    menu      keys that act at once                 page      a result, until dismissed
    prompts   text, numbers, paths, yes or no       lists     checklist, searchable list
    tables    one table style                       browse    a table to move in
    waiting   a spinner that can be left            progress  a bar, and Esc beside it
    picture   a picture in character cells          scale     a number between two ends
    panel     what a page of two sides is made of   split     that page
    viewer    what is drawn behind on it            below     a page below a log
    markdown  a page of the manual
"""

from __future__ import annotations


class Back(Exception):  # noqa: N818 - control flow, not an error: the user took one step back
    """The user pressed Esc: leave this step and show the one before it."""
