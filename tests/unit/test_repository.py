"""House rules that no other tool checks, over every file that is or could be committed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Spelt in pieces, so that this file passes its own test.
REGISTRY_HOSTS = re.compile(
    "|".join(["py" + r"pi\.org", "python" + r"hosted\.", "npm" + r"js\.", r"deb\.debi" + "an"])
)
MACHINE_PATHS = re.compile(r"(?<![\w.$}/-])/(?:ro" + r"ot|wo" + r"rk|ho" + r"me/\w+|Us" + r"ers/\w+)/")
UNFINISHED = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + r"X)\b")
VAGUE_MODULES = {"common", "data", "helpers", "manager", "misc", "utils"}
LINES_AT_MOST = 450
# What a function may import: the standard library, the project and what layers/vendor/requirements.in ships.
SHIPPED = {
    "aws_lambda_powertools", "boto3", "botocore", "contact_desk", "functions", "jinja2", "oauthlib", "pydantic",
    "urllib3",
}  # fmt: skip
# What layers/triage/requirements.in ships beside that, for triage alone.
SHIPPED_TO_TRIAGE = {"numpy", "py3langid", "yaml"}


@cache
def files() -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


def texts() -> Iterator[tuple[str, str]]:
    for path in files():
        try:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # an image or a recorded payload that is meant to be broken


@pytest.mark.parametrize(
    "pattern", [REGISTRY_HOSTS, MACHINE_PATHS, UNFINISHED], ids=["host", "path", "unfinished"]
)
def test_no_file_names_what_belongs_to_one_machine_or_day(pattern: re.Pattern[str]) -> None:
    assert [f"{name}: {hit[0]}" for name, text in texts() for hit in pattern.finditer(text)] == []


def test_python_files_have_one_subject_and_a_telling_name() -> None:
    modules = [path for path in files() if path.suffix == ".py"]
    assert [path for path in modules if VAGUE_MODULES & {path.stem, path.parent.name}] == []
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules}
    assert {name: length for name, length in lengths.items() if length > LINES_AT_MOST} == {}


def test_every_action_of_the_pipeline_is_pinned_by_commit() -> None:
    workflows = list((ROOT / ".github/workflows").glob("*.yml"))
    used = [line for path in workflows for line in re.findall(r"uses: *(.+)", path.read_text())]
    assert used
    assert [line for line in used if not re.match(r"[\w/-]+@[0-9a-f]{40} # v\d", line)] == []


def test_every_task_is_in_the_list_that_make_help_prints() -> None:
    makefile = (ROOT / "Makefile").read_text()
    tasks = {task for line in re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) for task in line.split()}
    assert tasks == set(re.findall(r"^([a-z0-9-]+):.*## ", makefile, re.MULTILINE))


def test_functions_import_only_what_ships() -> None:
    modules = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers/core/python").rglob("*.py")]
    assert modules
    foreign = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules
        for name in imported(ast.parse(path.read_text()).body)
        if name.split(".")[0] not in SHIPPED | sys.stdlib_module_names
        and not ("triage" in path.parts and name.split(".")[0] in SHIPPED_TO_TRIAGE)
    }
    assert foreign == set()


def test_no_force_is_in_code() -> None:
    forces = [tomllib.loads(path.read_text()) for path in (ROOT / "forces").glob("*.toml")]
    own = {force["name"] for force in forces}
    own |= {channel["account"] for force in forces for channel in force["channels"].values()}
    own |= {number for force in forces for number in force["phones"].values() if len(number) > len("101")}
    assert own
    code = {name: text for name, text in texts() if name.startswith(("functions/", "infra/", "layers/core/"))}
    assert [f"{name}: {word}" for name, text in code.items() for word in own if word in text] == []


def imported(body: list[ast.stmt]) -> Iterator[str]:
    """Every module that running this body imports; what stands under TYPE_CHECKING is never run."""
    for statement in body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
