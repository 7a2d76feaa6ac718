"""The house's own rules: who may import whom, and how long a file and a function may be."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "labapp").rglob("*.py"))

PURE = {"numbers", "pictures", "labels", "dialects"}
#: What each room may import of labapp, besides itself.
BELOW = {
    "addresses": set[str](),
    "visible": set[str](),
    "errors": set[str](),
    "background": set[str](),
    "foreign": {"errors", "visible"},
    "waits": set[str](),
    "progress": set[str](),
    "utc": set[str](),
    "files": {"errors"},
    "settings": {"addresses", "files", "settings_file", "settings_table", "errors"},
    "settings_file": {"errors", "files", "foreign"},
    "settings_table": {"addresses"},
    "message_attribute": set[str](),
    "unlocked": set[str](),
    "numbers": {"errors"},
    "dialects": {"errors", "visible", "foreign", "files", "message_attribute", "numbers"}
    | {"pictures", "settings_file", "unlocked"},
    "pictures": {"visible", "background", "errors", "files", "foreign", "waits"},
    "labels": {"utc", "visible", "errors", "foreign", "files"},
    "console": {"background", "errors", "visible", "files"},
    "cloud": {"addresses", "utc", "background", "settings", "settings_table", "errors", "foreign"}
    | {"files", "waits", "message_attribute", "unlocked"},
    "jobs": {"utc", "visible", "cloud", "settings", "errors", "foreign", "files", "waits"}
    | {"message_attribute", "unlocked"}
    | PURE,
    "dataset": {"utc", "cloud", "settings", "errors", "foreign", "progress", "waits", "files"}
    | PURE,
    "worker": {"utc", "visible", "background", "jobs", "cloud", "settings", "errors"}
    | {"addresses", "foreign", "files", "waits", "message_attribute"}
    | PURE,
    "programs": {
        "progress",
        "visible",
        "worker",
        "jobs",
        "dataset",
        "cloud",
        "console",
        "settings",
        "errors",
    }
    | {"foreign", "files", "settings_file", "waits", "progress", "utc"}
    | {"message_attribute"}
    | PURE,
}

#: Rooms that may know Amazon's libraries, and those that may know the screen.
BOTO, SCREEN = {"cloud"}, {"console", "programs"}

#: The floors of programs/, the lowest first: a folder imports of floors below its own, and nothing
#: of its neighbours. The programs and their menus stand on all of them.
FLOORS = (
    {"shell"},
    {"menus"},
    {"jobs", "dataset"},
    {"deciding", "gold"},
    {"numbers", "logs", "labelling", "queues", "statistics"},
    {"workers", "export", "doctor", "dialect", "classes", "tracing", "live", "fleet"},
    {"processing", "cloud"},
    {"desk"},
)

MOST_LINES, MOST_FUNCTION = 400, 60


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "labapp").parts[0].removesuffix(".py")


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@functools.cache
def imports(path: Path) -> frozenset[str]:
    """Return the dotted names that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "labapp":
                found |= {f"labapp.{alias.name}" for alias in node.names}
            else:
                found.add(node.module)
    return frozenset(found)


def astray(path: Path) -> Iterator[str]:
    """Yield the imports of a file that its room may not have."""
    room = room_of(path)
    for name in imports(path) if room != "__init__" else ():
        top, _, rest = name.partition(".")
        of_labapp = rest.partition(".")[0] if top == "labapp" else ""
        if (
            (of_labapp and of_labapp not in BELOW[room] | {room, "__version__"})
            or (top in {"boto3", "botocore", "s3transfer"} and room not in BOTO)
            or (top in {"rich", "questionary", "prompt_toolkit"} and room not in SCREEN)
        ):
            yield f"{path.relative_to(ROOT)} may not import {name}"


def test_imports_run_one_way() -> None:
    assert len(FILES) > 350
    assert [fault for path in FILES for fault in astray(path)] == []


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES}


@functools.cache
def needed(path: Path) -> set[str]:
    """Return the modules of labapp that a file imports when it runs, in a function or outside."""
    found: set[str] = set()
    nodes: list[ast.AST] = [tree(path)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            nodes += node.orelse
            continue
        nodes += ast.iter_child_nodes(node)
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return found & set(MODULES) - {module_of(path)}


def circles(edges: dict[str, set[str]]) -> list[set[str]]:
    """Return the groups of modules of which each needs all others (Tarjan, 1972)."""
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    found: list[set[str]] = []

    def visit(module: str) -> None:
        order[module] = lowest[module] = len(order)
        waiting.append(module)
        for other in edges[module]:
            if other not in order:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in waiting:
                lowest[module] = min(lowest[module], order[other])
        if lowest[module] == order[module]:
            group = set(waiting[waiting.index(module) :])
            del waiting[waiting.index(module) :]
            if len(group) > 1:
                found.append(group)

    for module in edges:
        if module not in order:
            visit(module)
    return found


def test_no_files_import_each_other_in_a_circle() -> None:
    found = circles({name: needed(path) for name, path in MODULES.items()})
    assert not found


def floor_of(module: str) -> int:
    """Return the floor of a module of programs/, which is above all others for the programs."""
    folder = module.split(".")[2]
    return next((floor for floor, folders in enumerate(FLOORS) if folder in folders), len(FLOORS))


def test_folders_of_the_programs_stand_on_those_below() -> None:
    programs = [name for name in MODULES if name.startswith("labapp.programs.")]
    assert len(programs) > 90
    assert [
        f"{module} needs {other}"
        for module in programs
        for other in needed(MODULES[module])
        if other.startswith("labapp.programs.")
        and other.split(".")[2] != module.split(".")[2]
        and floor_of(other) >= floor_of(module) != len(FLOORS)
    ] == []


def test_circles_are_found() -> None:
    edges = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a", "d"}}
    assert circles(edges) == [{"b", "c"}]


def too_long(path: Path) -> Iterator[str]:
    """Yield what of a file cannot be read in one sitting."""
    name, lines = path.relative_to(ROOT), path.read_text("utf-8").count("\n")
    if lines > MOST_LINES:
        yield f"{name} has {lines} lines"
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_FUNCTION:
                yield f"{name}: {node.name} has {lines} lines"


def test_files_and_functions_can_be_read_in_one_sitting() -> None:
    assert [fault for path in FILES for fault in too_long(path)] == []


def test_no_room_imports_a_screen_into_a_rule() -> None:
    screens = [path for path in FILES if path.parent.name == "menus"]
    rules = [path for path in FILES if path not in screens and room_of(path) != "programs"]
    assert screens
    assert not [path for path in rules if any("programs" in name for name in imports(path))]


def test_nothing_foreign_is_decoded_but_in_a_sandbox() -> None:
    decoders = {f"labapp.pictures.{room}" for room in ("codec", "reading", "formats")}
    for path in FILES:
        if room_of(path) == "pictures":
            continue
        assert not imports(path) & decoders, path
        assert "Image.open" not in path.read_text("utf-8"), path


def test_every_reading_of_an_object_says_how_large_it_may_be() -> None:
    for path in FILES:
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            of = ast.unparse(node.func.value).rpartition(".")[2].lstrip("_")
            if node.func.attr == "get" and of == "bucket":
                assert len(node.args) == 2, f"{path}:{node.lineno} has no bound"


def test_foreign_json_is_read_in_one_room() -> None:
    own = {"foreign.py", "pipeline.py", "s3.py", "journal.py"}
    own |= {"sqs.py"}  # as botocore reads what SQS itself says
    own |= {"legacy.py", "long_queues.py"}  # what MiniStack wrote, and nobody else
    for path in FILES:
        if path.name not in own:
            for node in ast.walk(tree(path)):
                is_call = isinstance(node, ast.Call)
                assert not (is_call and ast.unparse(node).startswith("json.load")), path


#: Folders of tests that are about several modules at once: promises, menus, lanes.
SCENARIOS = {
    *("end_to_end", "chaos", "benchmarks", "menus", "screens", "security", "windows", "support"),
    *("load", "fuzz", "mutants", "images", "clouds", "aws", "terminals"),
}

#: Tests of a whole room.
OF_THE_ROOM = {"worker/test_guards.py"} | {
    f"programs/test_{name}.py"
    for name in (
        *(
            "accessible_menus",
            "deleted_folders",
            "dry_runs",
            "foreign_names_cannot_steer_a_terminal",
            "json_documents",
        ),
        *("manners", "menus_and_commands", "narrow_pages", "odd_names", "permissions", "shells"),
        *("tables_on_a_terminal", "times", "troubles"),
    )
}


def test_tests_stand_where_their_modules_do() -> None:
    tests = ROOT / "tests"
    astray = []
    for path in tests.rglob("test_*.py"):
        *folders, name = path.relative_to(tests).with_suffix("").parts
        if not folders or folders[0] in SCENARIOS:
            continue
        room = ROOT.joinpath("labapp", *folders)
        module = room / name.removeprefix("test_")
        of_a_module = module.is_dir() or module.with_suffix(".py").exists()
        in_its_folder = room.with_suffix(".py").exists() or (len(folders) > 1 and room.is_dir())
        if not (of_a_module or in_its_folder):
            astray.append(str(path.relative_to(tests)))
    assert set(astray) == OF_THE_ROOM
