"""Pictures that are sent to be processed, and their results."""

from __future__ import annotations

from labapp.programs.shell.command import Command, Line

#: Why menus have no line for recipes.
RECIPES = "recipes are chosen first among the operations, and w saves the steps as one"

COMMANDS = (
    Command(
        "image",
        "send pictures to be processed and save their results",
        "processing.commands:process",
        "processing.commands:process_arguments",
        (
            "image photo.jpg --op blur:sigma=3",
            "image photos/ --op grayscale --op resize:side=800 --out small",
            'image "*.png" --op equalize --format jpeg --json',
            "image photo.jpg --op clahe --exact",
            "image photos/ --recipe web --op grayscale",
            "image photos/ --op grayscale --out small --resume",
            "image --watch in/ --out out/ --op resize:side=800",
        ),
        lines=(Line("Pictures", "desk.screen:run"),),
        writes=("processing.table:PICTURE_JOBS.listing",),
    ),
    Command(
        "results",
        "list the pictures sent from this machine and their results",
        "processing.commands:list_results",
        "jobs.table:listing_arguments",
        ("results", "results -n 500", "results --json"),
        writes=("processing.table:RESULTS.listing",),
        unlisted="j on the page of pictures lists the results, to be looked at and saved again",
    ),
    Command(
        "fetch",
        "save the result of an earlier job again",
        "processing.commands:fetch",
        "processing.commands:fetch_arguments",
        ("fetch 01M7Y17TSX24YQ6Q58P948AX5D --out results/",),
        writes=("processing.commands:FETCHED",),
        unlisted="s on the page of an earlier result saves it again",
    ),
    Command(
        "operations",
        "list what can be done to a picture, with its parameters",
        "processing.commands:list_operations",
        "shell.arguments:json_argument",
        ("operations", "operations --json"),
        writes=("processing.table:OPERATIONS.listing",),
        unlisted="o on the page of pictures lists the operations",
    ),
    Command(
        "recipes",
        "list steps that were saved under a name, for 'image --recipe'",
        "processing.recipe_commands:list_recipes",
        "shell.arguments:json_argument",
        ("recipes", "recipes --json"),
        writes=("processing.table:RECIPES.listing",),
        unlisted=RECIPES,
    ),
    Command(
        "recipes show",
        "show one as its file has it",
        "processing.recipe_commands:show",
        "processing.recipe_commands:show_arguments",
        ("recipes show web",),
        writes=("processing.recipe_commands:SHOWN",),
        unlisted=RECIPES,
    ),
    Command(
        "recipes save",
        "save steps, and how results are stored, under a name",
        "processing.recipe_commands:save",
        "processing.recipe_commands:save_arguments",
        (
            "recipes save web --op resize:side=800 --format jpeg",
            "recipes save grey --op grayscale --yes",
        ),
        writes=("processing.recipe_commands:CHANGED",),
        unlisted=RECIPES,
    ),
    Command(
        "recipes remove",
        "remove one",
        "processing.recipe_commands:remove",
        "processing.recipe_commands:remove_arguments",
        ("recipes remove web --yes",),
        writes=("processing.recipe_commands:CHANGED",),
        unlisted=RECIPES,
    ),
)
