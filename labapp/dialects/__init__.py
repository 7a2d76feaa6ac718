"""Dialects: how a lab's own client asks and is answered, as one small file says it; pure.

`loading` reads a file, `checks` holds it against what could never work, `rules` is what it says.
`speech` reads a message by it, and says what is answered; `templates` are the texts in between.
`proposals` writes a first file of messages that were seen. `shipped/` holds those that come along.
"""
