"""What a label is, and everything that can be said of many of them; pure, without cloud or screen.

The data flows one way: `line` reads a label file, `standing` says which of its answers count,
`tally`, `agreement`, `annotators` and `summary` draw conclusions, and `export` writes them out for
others. `keys` names pictures and label files; `sampling` chooses what to show next.
"""
