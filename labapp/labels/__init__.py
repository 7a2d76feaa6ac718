"""What a label is, and everything that can be said of many of them; pure, without cloud or screen.

`classes` has the question and its answers. The data flows one way: `label_file` reads a label file,
`effective` says which of its answers count, `tally`, `annotators` and `summary` draw
conclusions, and `export` writes them out for others. `layout` says where pictures and label files
lie; `sampling` chooses what to show next.
"""
