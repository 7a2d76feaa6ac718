"""The operations, one family a file, each operation one function.

To add one, write the function with `@operation` in the family it belongs to. A new family is a new
file, named here in its place in the menus.
"""

FAMILIES = ("softness", "tone", "contrast", "geometry")
