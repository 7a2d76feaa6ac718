"""What is in each of the ten pictures of hot dogs, and in what light."""

from __future__ import annotations

from images.render import grounds, meals, tableware
from images.render.hotdog import HotDog, hot_dog
from images.render.moods import COOL, EVENING, GLINTS, GOLD, NOON, WINDOW
from images.render.shade import Stage
from images.render.trace import at


def classic() -> Stage:
    """Mustard in a zigzag, on a plate."""
    food = at(hot_dog(HotDog(seed=1)), y=0.07, turn=-14)
    table = grounds.wood("#7d5232", "#45291a", 1.3, 8)
    return Stage([tableware.plate(ring="#2f5f9e"), *food], table, WINDOW)


def paper_tray() -> Stage:
    """Mustard and ketchup, in a striped paper boat."""
    food = at(hot_dog(HotDog(mustard="zigzag", ketchup="wave", bend=0, seed=2)), y=0.05)
    boat = [tableware.tray()]
    return Stage(at(boat + food, turn=32), grounds.painted("#2c8580", "#1f6663"), NOON)


def chicago() -> Stage:
    """With everything: pickles, tomato, onion, relish, poppy seeds."""
    style = HotDog(
        mustard="wave", pickles=True, tomatoes=True, onions=True, relish=True, seeds="poppy", seed=3
    )
    return Stage(at(hot_dog(style), turn=-10), grounds.stone(), COOL)


def on_gingham() -> Stage:
    """Lettuce and two lines of sauce, from above."""
    style = HotDog(mustard="double", ketchup="double", lettuce=True, bend=-0.03, seed=4)
    return Stage(
        at(hot_dog(style), turn=58), grounds.checked("#2f5f9e", turn=14, width=0.5), WINDOW
    )


def pair() -> Stage:
    """Two from the grill on a board."""
    first = HotDog(mustard="zigzag", marks=True, seed=5, bend=0.02)
    second = HotDog(mustard="", ketchup="zigzag", marks=True, seed=6, bend=-0.02)
    food = at(hot_dog(first), z=-0.55, y=0.14, turn=3) + at(
        hot_dog(second), z=0.58, y=0.14, turn=-3
    )
    board = at([tableware.board((1.85, 0.07, 1.35))], x=-0.1)
    return Stage(at(board + food, turn=28), grounds.stone("#3c4247", "#596066"), GOLD)


def stall() -> Stage:
    """At night, lamps behind."""
    style = HotDog(mustard="wave", relish=True, seed=7, crust=("#eec284", "#cf8738", "#8d4718"))
    food = at(hot_dog(style), turn=-16, y=0.03)
    sheet = [tableware.paper("#efe4cc", (1.75, 0.95), turn=-14)]
    table = grounds.wood("#6b4328", "#352015", 0.8, 0)
    return Stage(sheet + food, table, EVENING, backdrop=("#1c1716", "#0c0d14"), glints=GLINTS)


def crispy() -> Stage:
    """Fried onions and sesame, on brown paper."""
    style = HotDog(mustard="zigzag", crispy=True, seeds="sesame", marks=True, seed=8)
    sheet = [tableware.paper("#b88c5c", (1.8, 1.15), turn=12)]
    table = grounds.painted("#dfe3e2", "#c4cbca", 1.2)
    return Stage(sheet + at(hot_dog(style), y=0.03, turn=-24), table, GOLD)


def end_on() -> Stage:
    """Seen along its length."""
    food = at(hot_dog(HotDog(seed=9, bend=0.0)), y=0.03, turn=-68)
    sheet = [tableware.paper("#fbf8f0", (1.9, 1.2), "#c8242b", -60)]
    table = grounds.wood("#a8754a", "#6f4528", 1.1, 90)
    return Stage(sheet + food, table, WINDOW, backdrop=("#8c6f55", "#b99a78"))


def blue_plate() -> Stage:
    """Relish, onion and mustard, on a blue plate and striped linen."""
    style = HotDog(mustard="line", relish=True, onions=True, seed=10, bend=-0.04)
    plate = [tableware.plate("#356fa8", 1.85)]
    cloth = grounds.cloth("#e9e4d8", stripe="#b5483c")
    return Stage(plate + at(hot_dog(style), y=0.07, turn=-28), cloth, COOL)


def with_chips() -> Stage:
    """Ketchup in a zigzag, chips beside it."""
    style = HotDog(mustard="line", ketchup="zigzag", seed=11, bend=0.0)
    boat = [tableware.tray("#f2b632", "#fbf6ea", 1.4)]
    food = at(boat + at(hot_dog(style), y=0.05), turn=76, x=-0.42)
    chips = at(meals.chips(), x=1.0, z=0.25, turn=20)
    return Stage(food + chips, grounds.wood("#8d5c38", "#52301c", 1.0, 90), NOON)
