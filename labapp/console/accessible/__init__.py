"""The accessible mode: what parts are without a page: numbered lines, and answers typed with Enter.

For screen readers, braille lines, shells within editors and terminals that cannot move a cursor:
nothing is redrawn, no escape code is sent, and what is typed is read in lines, as the terminal
gives them. Each public part of `console` hands over to its form here where `mode.is_on()`.

    mode       whether it is on, and why            voice     what is said, and how answers come
    rows       numbered rows, in pages of twenty    menus     one of some lines
    questions  text, numbers, paths, yes or no      choices   one of many, or several
    pages      a text with keys, a table to open    waits     lines while something goes on
    split      a page of two sides
"""
