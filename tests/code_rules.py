"""Rules of our own over the code's syntax trees: what no linter knows, because it is about this desk.

Each rule takes a module's tree and gives its breaches, as line and reason. They are for mistakes, not for malice: what
a name hides from them, a review has to see.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple


class Breach(NamedTuple):
    """Where a rule is broken, and how."""

    line: int
    reason: str


VERIFIES = re.compile(r"_?(is_)?(signed|signs)$|_?read_signed$|_?verif(y|ies|ied)\w*$")
BEFORE_VERIFYING = {
    "len": "its length is no reading of it",
    "ParkedDelivery": "kept as it came, for people to release",
    "signed_part": "finds in a form what is signed; the signature is in there",
}
"""What may take a request's body before anybody knows who wrote it, each with why."""

PEOPLES_WORDS = frozenset(
    {
        "address", "author", "body", "contact", "email", "event", "first_name", "last_name", "location", "notes",
        "payload", "permalink", "person", "phone", "preview", "quote", "raw", "said", "text", "transcript", "what",
    }
)  # fmt: skip
"""Names under which a person's words or identity stand in this code."""

TELLING_NOTHING = frozenset({"bool", "len", "type"})
LOGS = re.compile(r"(^|\.)(logger|logging|log)\.\w+$")
TELLS = frozenset(
    {"count_each", "gauge_each", "add_dimension", "add_metadata", "add_metric", "single_metric", "print"}
)


def read_before_verified(tree: ast.Module) -> Iterator[Breach]:
    """A request's body goes to nothing before the signature over it has been checked in the same function."""
    for function in _functions(tree):
        if VERIFIES.fullmatch(function.name):
            continue
        calls = sorted(_own_calls(function), key=lambda call: (call.lineno, call.col_offset))
        verified = min(
            (call.lineno for call in calls if VERIFIES.fullmatch(_last_name(call.func))), default=None
        )
        for call in calls:
            taken = [each for each in (*call.args, *(word.value for word in call.keywords)) if _is_body(each)]
            name = _last_name(call.func)
            if not taken or name in BEFORE_VERIFYING or VERIFIES.fullmatch(name):
                continue
            if verified is None or call.lineno <= verified:
                yield Breach(call.lineno, f"{name}() takes a body that nobody has verified")


def sends_to_its_own_queue(tree: ast.Module) -> Iterator[Breach]:
    """A function that empties a queue puts nothing in it, unless it is made with `reminds_itself=True`."""
    for owner in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        fed: set[tuple[str, str]] = set()
        allowed: dict[tuple[str, str], int] = {}
        reminded: set[str] = set()
        for node in ast.walk(owner):
            match node:
                case ast.Assign(targets=[target], value=ast.Call(keywords=keywords)) if any(
                    word.arg == "reminds_itself" and isinstance(word.value, ast.Constant) and word.value.value
                    for word in keywords
                ):
                    reminded.add(ast.unparse(target))
                case ast.Call(func=ast.Attribute(value=queue, attr="feed"), args=[function, *_]):
                    fed.add((ast.unparse(queue), ast.unparse(function)))
                case ast.Call(
                    func=ast.Attribute(value=queue, attr="allow_send" | "allow_redrive"), args=[function, *_]
                ):
                    for each in _stands_for(owner, function):
                        for into in _stands_for(owner, queue):
                            allowed[into, each] = node.lineno
        for (queue_name, function_name), line in allowed.items():
            if (queue_name, function_name) in fed and function_name not in reminded:
                yield Breach(line, f"{function_name} may send to {queue_name}, which it empties")


def tells_words(tree: ast.Module) -> Iterator[Breach]:
    """No log line, metric or exception is given what a person wrote, or who they are; no traceback is logged."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=func) if LOGS.search(ast.unparse(func)) or _last_name(func) in TELLS:
                if _last_name(func) == "exception":
                    yield Breach(node.lineno, "a traceback may quote a person")
                for word in node.keywords:
                    if word.arg in {"exc_info", "stack_info"}:
                        yield Breach(node.lineno, f"{word.arg}: a traceback may quote a person")
                yield from _words_in(node, [*node.args, *(word.value for word in node.keywords)])
            case ast.Raise(exc=ast.Call(args=args)):
                yield from _words_in(node, [each for each in args if isinstance(each, ast.JoinedStr)])


RULES = (read_before_verified, sends_to_its_own_queue, tells_words)


def _words_in(told: ast.AST, values: list[ast.expr]) -> Iterator[Breach]:
    for value in values:
        for name in _told(value):
            if name in PEOPLES_WORDS:
                yield Breach(getattr(told, "lineno", 0), f"`{name}` is told")


def _told(value: ast.expr) -> Iterator[str]:
    """The names whose values an expression shows: of `a.b.c` the last, of `len(a)` none, of `f(a)` what it is given."""
    match value:
        case ast.Attribute(attr=attr):
            yield attr
        case ast.Name(id=name):
            yield name
        case ast.Call(func=func) if _last_name(func) in TELLING_NOTHING:
            return
        case ast.Call(func=ast.Attribute(value=of), args=args, keywords=keywords):
            for each in (of, *args, *(word.value for word in keywords)):
                yield from _told(each)
        case ast.Compare():
            return
        case ast.GeneratorExp() | ast.ListComp() | ast.SetComp():
            yield from _told(value.elt)
        case _:
            for child in ast.iter_child_nodes(value):
                if isinstance(child, ast.expr):
                    yield from _told(child)


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _own_calls(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield node


def _is_body(value: ast.expr) -> bool:
    """Whether an expression holds the body of a request: `request.body`, `event["body"]`, or something made of it."""
    match value:
        case ast.Attribute(value=ast.Name(id="request"), attr="body" | "json_body" | "decoded_body"):
            return True
        case ast.Subscript(value=ast.Name(id="event"), slice=ast.Constant(value="body")):
            return True
        case ast.Call(func=func) if _last_name(func) in BEFORE_VERIFYING:
            return False
    children = (
        child.value if isinstance(child, ast.keyword) else child for child in ast.iter_child_nodes(value)
    )
    return any(_is_body(child) for child in children if isinstance(child, ast.expr))


def _last_name(func: ast.expr) -> str:
    match func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _stands_for(owner: ast.ClassDef, value: ast.expr) -> set[str]:
    """What a name may be: itself, or where a loop over a tuple gives it values, each of these."""
    spelt = ast.unparse(value)
    for node in ast.walk(owner):
        if (
            isinstance(node, ast.For)
            and ast.unparse(node.target) == spelt
            and isinstance(node.iter, ast.Tuple | ast.List)
        ):
            return {ast.unparse(each) for each in node.iter.elts}
    return {spelt}
