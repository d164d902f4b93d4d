"""What a command costs before it does anything: only what it needs is imported."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

from cli.main import COMMANDS
from local.addresses import REPOSITORY

HEAVY = ["boto3", "botocore", "matplotlib", "numpy", "py3langid", "jinja2"]
LIGHT = [
    ["--help"],
    ["force", "check", "forces/merseyside.toml"],
    ["broadcast", "--help"],
    ["token", "--help"],
]
# Light commands in a process of their own, then which modules they left behind.
ASKED = """
import json, sys
from cli.main import app
codes = []
for arguments in json.loads(sys.argv[1]):
    try:
        app(arguments)
    except SystemExit as left:
        codes.append(left.code)
print(json.dumps({"codes": codes, "modules": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


def test_light_commands_import_no_aws_no_model_and_no_plots() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ASKED, json.dumps(LIGHT)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["codes"] == [0] * len(LIGHT)
    assert not set(HEAVY) & set(told["modules"])


def test_every_command_of_the_help_is_there() -> None:
    for name in COMMANDS:
        tree = ast.parse((REPOSITORY / "cli" / f"{name}.py").read_text(encoding="utf-8"))
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        defined |= {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        assert defined & {"app", name}, name
