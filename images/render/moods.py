"""Kinds of light the pictures are taken in; directions are towards the lamp."""

from __future__ import annotations

from images.render.shade import Lamp, Mood

#: A window behind and to the left, as food is mostly photographed.
WINDOW = Mood(
    lamps=(
        Lamp((-0.65, 0.8, -0.5), "#fff4e4", 2.3, 0.26),
        Lamp((0.8, 0.7, 0.5), "#e6eeff", 0.35, 0.5),
    ),
    above="#dde6f2",
    around="#efe9e0",
    below="#8a715a",
    sky=0.5,
    exposure=0.95,
)
#: Overcast and cool.
COOL = Mood(
    lamps=(
        Lamp((0.5, 1.0, -0.45), "#f2f6ff", 1.9, 0.42),
        Lamp((-0.8, 0.5, 0.5), "#ffe9d0", 0.3, 0.4),
    ),
    above="#cfdff5",
    around="#dfe6ee",
    below="#7d7f86",
    sky=0.62,
)
#: Sun in a garden at noon: hard shadows under a blue sky.
NOON = Mood(
    lamps=(Lamp((0.5, 1.1, -0.35), "#fff6e2", 2.9, 0.09),),
    above="#b9d4fb",
    around="#e3ebf2",
    below="#97866a",
    sky=0.5,
)
#: Low gold sun of the late afternoon, from the left.
GOLD = Mood(
    lamps=(
        Lamp((-0.9, 0.55, -0.35), "#ffd9a0", 2.7, 0.14),
        Lamp((0.7, 0.8, 0.4), "#cfdcff", 0.3, 0.5),
    ),
    above="#c9d2ea",
    around="#f3dfc6",
    below="#86664a",
    sky=0.45,
)
#: Night at a stall: a warm lamp above, a blue one behind.
EVENING = Mood(
    lamps=(
        Lamp((-0.35, 0.95, 0.3), "#ffcf94", 2.1, 0.2),
        Lamp((0.75, 0.45, -0.8), "#8fb2ff", 1.2, 0.2),
    ),
    above="#56608a",
    around="#8d7468",
    below="#4a3a34",
    sky=0.42,
)
#: Bright and even, for pastel backgrounds.
STUDIO = Mood(
    lamps=(
        Lamp((-0.6, 0.95, 0.25), "#fff6ec", 1.9, 0.36),
        Lamp((0.85, 0.6, -0.4), "#fff0f2", 0.7, 0.3),
    ),
    above="#f2f2f6",
    around="#efe8e6",
    below="#a89088",
    sky=0.58,
)

#: Lamps out of focus behind a stall: azimuth, height, radius in radians, colour, strength.
GLINTS = (
    (3.1, 0.06, 0.036, "#ffb45a", 1.0),
    (2.86, 0.03, 0.03, "#ff7a4a", 1.0),
    (3.4, 0.03, 0.034, "#ffd28a", 0.9),
    (3.02, 0.02, 0.028, "#ffb45a", 1.3),
    (3.30, 0.075, 0.034, "#ff8a4a", 1.0),
    (2.78, 0.09, 0.03, "#ffd28a", 1.2),
    (3.52, 0.0, 0.026, "#ff6a5a", 0.9),
    (2.60, -0.01, 0.026, "#7fb4ff", 0.8),
    (3.14, 0.15, 0.026, "#ffe0a8", 0.9),
    (2.92, 0.18, 0.03, "#ff9e62", 0.7),
    (3.42, 0.17, 0.03, "#8fc0ff", 0.6),
    (3.66, 0.1, 0.032, "#ffc27a", 1.0),
    (2.46, 0.12, 0.03, "#ffb45a", 0.9),
    (2.68, 0.2, 0.026, "#ffdca0", 0.6),
    (3.2, -0.03, 0.024, "#ffc98a", 0.9),
)
