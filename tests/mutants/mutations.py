"""Small faults that a test ought to notice, made from a file's syntax tree.

Each mutation replaces one piece of the text: a comparison or a condition turned round, a number one
too large, a call, an assignment or an error left out, a lock not taken. What tests are not meant to
hold is left alone: annotations, docstrings, log lines, and words that are written for people.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip

_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult, ast.Mod: ast.FloorDiv,
}  # fmt: skip

#: Calls on these leave a line for people only.
_LOGS = {"log", "logger", "_log", "logging"}

#: Words that a context manager's expression has when it guards something shared.
_GUARDS = ("lock", "changed", "turn", "mutex", "guard")


@dataclass(frozen=True)
class Mutation:
    """One fault.

    Attributes:
        line: of the file, from 1, where the piece begins.
        last: the line where it ends.
        before: the piece as it is.
        after: what stands there instead.
        text: the whole file with the fault.
        at_import: whether the piece runs when the file is imported, and not when it is called.
    """

    line: int
    last: int
    before: str
    after: str
    text: str
    at_import: bool = False

    @property
    def told(self) -> str:
        """The fault on one line."""
        return f"{' '.join(self.before.split())}  =>  {' '.join(self.after.split())}"


def mutations(text: str) -> Iterator[Mutation]:
    """Yield every mutation of a file's text, in no order that matters."""
    tree = ast.parse(text)
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    octets = text.encode()
    called = _called(tree)
    for node in _code(tree):
        at_import = node.lineno not in called
        for after in _faults(node, at_import):
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
            before = octets[begin:end].decode()
            whole = (octets[:begin] + after.encode() + octets[end:]).decode()
            last = node.end_lineno or node.lineno
            yield Mutation(node.lineno, last, before, after, whole, at_import)


def _called(tree: ast.AST) -> set[int]:
    """Return the lines that stand in a function's body."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            body = node.body if isinstance(node.body, list) else [node.body]
            for part in body:
                found |= set(range(part.lineno, (part.end_lineno or part.lineno) + 1))
    return found


def _code(tree: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Yield the nodes that run, without what only describes."""
    for node in ast.iter_child_nodes(tree):
        if _is_left_alone(node):
            continue
        if isinstance(node, ast.expr | ast.stmt):
            yield node
        if isinstance(node, ast.AnnAssign):
            if node.value is not None:
                yield node.value
                yield from _code(node.value)
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for part in (*_defaults(node), *node.body):
                yield from _code(ast.Module([part], []))  # type: ignore[list-item]
            continue
        if isinstance(node, ast.JoinedStr | ast.arg):
            continue
        yield from _code(_without_unknown_length(node))


def _defaults(node: ast.stmt) -> list[ast.expr]:
    """Return the values that a function's arguments have when they are not given."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    return [one for one in (*node.args.defaults, *node.args.kw_defaults) if one is not None]


def _without_unknown_length(node: ast.AST) -> ast.AST:
    """Leave the -1 of a reshape out: NumPy takes any number below 0 for the length that is left."""
    match node:
        case ast.Call(ast.Attribute(attr="reshape") as called, words, keywords):
            return ast.Call(called, [one for one in words if not _is_minus_one(one)], keywords)
    return node


def _is_minus_one(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and ast.unparse(node) == "-1"


def _is_left_alone(node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Global | ast.Pass):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return True  # it guards lengths that are equal
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return True
    if isinstance(node, ast.If) and "sys.platform" in ast.unparse(node.test):
        return True
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in {"__all__", "T"}:
        return True
    return isinstance(node, ast.Expr) and _is_log(node.value)


def _is_log(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value).rpartition(".")[2] in _LOGS
    )


def _faults(node: ast.expr | ast.stmt, at_import: bool) -> Iterator[str]:
    """Yield what may stand in the place of a node."""
    match node:
        case ast.Compare(left, [op], [right]) if type(op) in _COMPARED:
            yield ast.unparse(ast.Compare(left, [_COMPARED[type(op)]()], [right]))
        case ast.BoolOp(op, values):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"({ast.unparse(ast.BoolOp(other, values))})"
        case ast.UnaryOp(ast.Not(), operand):
            yield f"bool({ast.unparse(operand)})"
        case ast.BinOp(left, op, right) if type(op) in _COMPUTED and not _is_text(node):
            yield f"({ast.unparse(ast.BinOp(left, _COMPUTED[type(op)](), right))})"
        case ast.Constant(value):
            yield from _constants(value, at_import)
        case ast.IfExp(test, body, orelse):
            yield f"({ast.unparse(ast.IfExp(test, orelse, body))})"
        case ast.stmt():
            yield from _statements(node)


def _constants(value: object, at_import: bool) -> Iterator[str]:
    if isinstance(value, bool):
        yield str(not value)
    elif isinstance(value, int | float):
        # A constant that tunes something may as well be one more; none at all is a fault.
        yield repr(0 if at_import and value else value + 1)
    elif isinstance(value, str) and value and len(value) <= 40 and not set(value) & set(" \n{"):
        yield repr(f"{value}X")


def _is_text(node: ast.BinOp) -> bool:
    return any(isinstance(one, ast.JoinedStr) for one in (node.left, node.right)) or any(
        isinstance(one, ast.Constant) and isinstance(one.value, str | bytes)
        for one in ast.walk(node)
    )


def _statements(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.Expr(ast.Call()) | ast.Expr(ast.Await()) | ast.Delete():
            yield "pass"
        case ast.Assign([ast.Attribute() | ast.Subscript()]) | ast.AugAssign():
            yield "pass"
        case ast.Raise():
            yield "pass"
        case ast.Return(ast.expr() as value) if not _is_none(value):
            yield "return None"
        case ast.Break():
            yield "pass"
        case ast.Continue():
            yield "pass"
        case ast.If(test) | ast.While(test) if isinstance(
            test, ast.Name | ast.Attribute | ast.Call
        ):
            yield _with_head(node, test)
        case ast.With([ast.withitem(expression, None)]) if _is_guard(expression):
            yield _body_alone(node)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_guard(expression: ast.expr) -> bool:
    return any(word in ast.unparse(expression).lower() for word in _GUARDS)


def _with_head(node: ast.If | ast.While, test: ast.expr) -> str:
    """Return a statement whose condition is turned round."""
    turned = ast.UnaryOp(ast.Not(), test)
    if isinstance(node, ast.If):
        return _indented(ast.If(turned, node.body, node.orelse), node)
    return _indented(ast.While(turned, node.body, node.orelse), node)


def _body_alone(node: ast.With) -> str:
    return _indented(ast.If(ast.Constant(True), node.body, []), node)


def _indented(made: ast.stmt, place: ast.stmt) -> str:
    """Return a statement as text for the column where it is to stand."""
    lines = ast.unparse(ast.fix_missing_locations(made)).splitlines()
    return ("\n" + " " * place.col_offset).join(lines)
