"""The twenty pictures: which number is what, and from where it is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from images.render import scenes_hotdogs, scenes_others
from images.render.picture import Camera
from images.render.shade import Stage

#: Width and height in pixels.
WIDE = (960, 720)
TALL = (720, 960)


@dataclass(frozen=True)
class Shot:
    """One picture: its subject in words, whether it is a hot dog, and how to make it."""

    subject: str
    hot_dog: bool
    size: tuple[int, int]
    stage: Callable[[], Stage]
    camera: Camera


#: The pictures, in an order that gives nothing away.
SHOTS: dict[int, Shot] = {
    1: Shot(
        "hot dog with a zigzag of mustard, on a plate",
        True,
        WIDE,
        scenes_hotdogs.classic,
        Camera((0.7, 3.1, 3.5), (0, 0.25, 0.02), 35),
    ),
    2: Shot(
        "doughnut with pink icing and sprinkles",
        False,
        WIDE,
        scenes_others.doughnut,
        Camera((-0.3, 2.7, 3.0), (0.12, 0.25, -0.1), 36),
    ),
    3: Shot(
        "hamburger",
        False,
        WIDE,
        scenes_others.hamburger,
        Camera((-0.6, 1.7, 4.6), (0.05, 0.82, 0), 31, 0.012),
    ),
    4: Shot(
        "hot dog with mustard and ketchup, in a paper tray",
        True,
        WIDE,
        scenes_hotdogs.paper_tray,
        Camera((0.1, 3.2, 3.5), (0, 0.2, 0), 34),
    ),
    5: Shot(
        "hot dog with pickles, tomato, onion and relish",
        True,
        WIDE,
        scenes_hotdogs.chicago,
        Camera((-0.4, 3.0, 3.3), (0, 0.42, 0), 34),
    ),
    6: Shot(
        "bananas",
        False,
        WIDE,
        scenes_others.bananas,
        Camera((0.4, 3.6, 3.5), (0.1, 0.2, -0.15), 36),
    ),
    7: Shot(
        "hot dog with lettuce, mustard and ketchup, from above",
        True,
        TALL,
        scenes_hotdogs.on_gingham,
        Camera((0.08, 5.1, 1.55), (-0.1, 0.2, 0.02), 39),
    ),
    8: Shot(
        "tacos",
        False,
        WIDE,
        scenes_others.tacos,
        Camera((0.9, 2.5, 4.6), (0, 0.55, 0), 35),
    ),
    9: Shot(
        "ice-cream cone",
        False,
        TALL,
        scenes_others.ice_cream,
        Camera((0.5, 2.5, 6.9), (0.02, 2.0, 0), 36, 0.012),
    ),
    10: Shot(
        "two hot dogs with grill marks, on a board",
        True,
        WIDE,
        scenes_hotdogs.pair,
        Camera((0.2, 3.9, 4.3), (0.05, 0.2, 0.05), 36),
    ),
    11: Shot(
        "fried egg in a pan",
        False,
        WIDE,
        scenes_others.fried_egg,
        Camera((-0.3, 4.0, 3.6), (0.35, 0.1, -0.25), 36),
    ),
    12: Shot(
        "hot dog with relish and mustard, at night",
        True,
        WIDE,
        scenes_hotdogs.stall,
        Camera((0.1, 1.55, 4.3), (0, 0.66, 0), 33, 0.014),
    ),
    13: Shot(
        "hot dog with fried onions, on brown paper",
        True,
        WIDE,
        scenes_hotdogs.crispy,
        Camera((0.2, 2.7, 3.7), (0, 0.35, 0), 36),
    ),
    14: Shot(
        "slices of watermelon",
        False,
        WIDE,
        scenes_others.watermelon,
        Camera((-0.9, 2.3, 4.4), (0.3, 0.58, -0.2), 34),
    ),
    15: Shot(
        "sushi",
        False,
        WIDE,
        scenes_others.sushi,
        Camera((-0.6, 3.2, 4.6), (0.05, 0.2, 0.2), 36),
    ),
    16: Shot(
        "hot dog with mustard, seen along its length",
        True,
        TALL,
        scenes_hotdogs.end_on,
        Camera((0.5, 2.7, 3.5), (0.0, 0.28, 0.08), 34, 0.012),
    ),
    17: Shot(
        "cupcake with a cherry",
        False,
        TALL,
        scenes_others.cupcake,
        Camera((0.4, 2.5, 5.2), (0, 1.2, 0), 37, 0.012),
    ),
    18: Shot(
        "hot dog with relish, onion and mustard, on a blue plate",
        True,
        WIDE,
        scenes_hotdogs.blue_plate,
        Camera((-0.3, 3.5, 3.6), (0, 0.2, 0), 36),
    ),
    19: Shot(
        "hot dog with ketchup and mustard, chips beside it",
        True,
        TALL,
        scenes_hotdogs.with_chips,
        Camera((0.5, 5.6, 3.2), (0.16, 0.2, 0.1), 40),
    ),
    20: Shot(
        "pizza",
        False,
        WIDE,
        scenes_others.pizza,
        Camera((0.2, 4.3, 4.0), (0.1, 0.1, 0.15), 38),
    ),
}
