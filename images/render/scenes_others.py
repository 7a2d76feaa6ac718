"""What is in each of the ten pictures of other things, and in what light."""

from __future__ import annotations

import numpy as np

from images.render import grounds, meals, platters, sweets, tableware
from images.render.arrays import Triple, rotation
from images.render.moods import COOL, GOLD, STUDIO, WINDOW
from images.render.shade import Stage
from images.render.trace import Solid, at


def doughnut() -> Stage:
    """Pink icing, sprinkles; a plain one behind."""
    plain = at(sweets.doughnut("#5b2f1c", 9, False), x=1.45, z=-1.35)
    return Stage(sweets.doughnut() + plain, grounds.cloth("#6fa5ad"), STUDIO)


def hamburger() -> Stage:
    """On a board, in warm light."""
    board = [tableware.board((1.6, 0.07, 1.4), "#a8703c", "#6f4525")]
    food = at(meals.hamburger(), y=0.14, turn=20)
    table = grounds.stone("#23272b", "#3a3f44")
    return Stage(board + food, table, GOLD, backdrop=("#2b2522", "#17181c"))


def bananas() -> Stage:
    """Make a bunch of three."""
    # They fan out from the stalk they share.
    stalk = np.array([1.28, 0, -1.04], np.float32)
    bunch: list[Solid] = []
    for turn, lift in ((-24.0, 0.0), (-2.0, 0.03), (21.0, 0.0)):
        x, _, z = stalk - rotation(turn) @ stalk
        bunch += at([sweets.banana()], float(x), lift, float(z), turn)
    return Stage(at(bunch, z=0.35), grounds.cloth("#4f7396"), WINDOW)


def tacos() -> Stage:
    """Two on a plate."""
    front = at(meals.taco(), z=0.6, y=0.07, x=-0.15, turn=-14)
    back = at(meals.taco(), z=-0.7, y=0.07, x=0.2, turn=-8)
    plate = [tableware.plate("#2f6f73", 2.1)]
    return Stage(plate + front + back, grounds.wood("#9a6a42", "#64401f", 1.2, -20), STUDIO)


def ice_cream() -> Stage:
    """Two scoops in a cone, standing in a block of wood."""
    solids = [
        sweets.cone(),
        sweets.scoop((0, 1.95, 0), 0.62, "#f6e3b4"),
        sweets.scoop((0.06, 2.74, 0), 0.55, "#f08fa6"),
        tableware.block((0.85, 0.32, 0.6)),
        *sweets.cherry((0.08, 3.4, 0.0)),
    ]
    backdrop = ("#9fd3cf", "#c8e6e0")
    return Stage(solids, grounds.painted("#f2ece2", "#e2d9cb", 3.0), STUDIO, backdrop=backdrop)


def fried_egg() -> Stage:
    """In an iron pan."""
    solids = at(tableware.pan() + platters.egg(), turn=-35)
    return Stage(solids, grounds.checked("#b8232a", "#f1efe8", 0.45, 30), WINDOW)


def watermelon() -> Stage:
    """Make a slice and a smaller one behind."""
    front = at(sweets.watermelon(), turn=12)
    back = at(sweets.watermelon(), x=1.35, z=-1.25, turn=-50, size=0.8)
    return Stage(front + back, grounds.painted("#86b7a4", "#75a592", 1.0), STUDIO)


def sushi() -> Stage:
    """Make rolls and salmon on a board, with wasabi and chopsticks."""
    solids = [tableware.board((2.05, 0.07, 1.35), "#5d3b26", "#3a2316")]
    for number, (x, z) in enumerate(((-1.15, -0.55), (-0.05, -0.7), (1.05, -0.55))):
        solids += at(platters.roll(number + 1), x, 0.14, z)
    for number, (x, z) in enumerate(((-1.0, 0.62), (0.8, 0.4))):
        solids += at(platters.nigiri(number + 5), x, 0.14, z, turn=24)
    solids += at([platters.wasabi()], 1.7, 0.14, 0.6)
    for z in (1.62, 1.78):
        start: Triple = (-1.9, 0.06, z + 0.1)
        solids.append(tableware.pole(start, (1.9, 0.06, z), 0.035, 0.06, "#1c1a1a"))
    return Stage(solids, grounds.cloth("#c9c2ae"), COOL)


def cupcake() -> Stage:
    """With a swirl of cream and a cherry."""
    plate = [tableware.plate("#fbf7f2", 1.5, "#d98aa0")]
    backdrop = ("#7fb3b8", "#a9d0d2")
    food = at(sweets.cupcake(), y=0.07)
    return Stage(
        plate + food, grounds.painted("#5f999f", "#4f858c", 3.0), STUDIO, backdrop=backdrop
    )


def pizza() -> Stage:
    """One slice pulled out."""
    board = at([tableware.board((2.15, 0.07, 2.0), "#8a5a34", "#5c381f")], x=0.1, y=-0.0)
    food = at(platters.pizza(), y=0.14)
    return Stage(at(board + food, turn=15), grounds.stone("#2a2c2e", "#46494b"), GOLD)
