"""The operations, one family a file, each operation one function below its definition.

To add one, write both in the family it belongs to: the definition in float64 (see `exact`), and the
function, which is held to it, with `@operation`. A new family is a new file, named here in its
place in the menus.
"""

FAMILIES = ("softness", "tone", "contrast", "geometry")
