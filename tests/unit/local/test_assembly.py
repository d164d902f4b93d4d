"""The desk stack is found in a cloud assembly, with its assets; what only AWS can run is left out."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import local.assembly
from local.assembly import Asset, SynthesisError, read_assembly, synthesise

DESK = {"Resources": {}, "Outputs": {"TableName": {"Value": "x"}}}
EDGE = {"Resources": {}, "Outputs": {"WebAclArn": {"Value": "x"}}}


def assembly(folder: Path, **templates: dict[str, Any]) -> Path:
    artifacts: dict[str, Any] = {"Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}}}
    for name, template in templates.items():
        (folder / f"{name}.template.json").write_text(json.dumps(template))
        destination = {"here": {"bucketName": "assets-${AWS::Region}", "objectKey": f"{name}.zip"}}
        files = {
            "a": {"source": {"path": f"asset.{name}", "packaging": "zip"}, "destinations": destination},
            "t": {
                "source": {"path": f"{name}.template.json", "packaging": "file"},
                "destinations": destination,
            },
        }
        (folder / f"{name}.assets.json").write_text(json.dumps({"files": files}))
        artifacts[f"{name}.assets"] = {
            "type": "cdk:asset-manifest",
            "properties": {"file": f"{name}.assets.json"},
        }
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": f"{name}.template.json", "stackName": f"{name}-dev"},
            "dependencies": [f"{name}.assets"],
            "displayName": name,
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def test_the_desk_stack_is_the_one_that_is_deployed(tmp_path: Path) -> None:
    found = read_assembly(assembly(tmp_path, Edge=EDGE, Desk=DESK))

    assert found.stack_name == "Desk-dev"
    assert found.template == DESK
    assert found.assets == (Asset(tmp_path / "asset.Desk", "Desk.zip", zipped=True),)


def test_an_assembly_without_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SynthesisError, match="TableName"):
        read_assembly(assembly(tmp_path, Edge=EDGE))


def test_a_folder_is_zipped_alike_whenever_and_keeps_its_paths(tmp_path: Path) -> None:
    module = tmp_path / "functions" / "ingest" / "handler.py"
    module.parent.mkdir(parents=True)
    module.write_text("x = 1\n")
    asset = Asset(tmp_path, "a.zip", zipped=True)
    first = asset.read()
    module.touch()

    assert asset.read() == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == ["functions/ingest/handler.py"]
        assert archive.read("functions/ingest/handler.py") == b"x = 1\n"


class App:
    """Stands for the CDK app: notes each synthesis, and fails while it is told to."""

    def __init__(self) -> None:
        self.synthesised: list[str] = []
        self.broken = False

    def __call__(self, environment: Mapping[str, str]) -> None:
        self.synthesised.append(environment["DESK_FORCE"])
        folder = Path(environment["CDK_OUTDIR"])
        folder.mkdir(exist_ok=True)
        assembly(folder, Desk=DESK)
        if self.broken:
            raise SynthesisError("synthesis failed")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    repository = tmp_path / "repository"
    (repository / "functions/triage/rules").mkdir(parents=True)
    (repository / "functions/triage/rules/life.yaml").write_text("- knife\n")
    (repository / "docs").mkdir()
    monkeypatch.setattr(local.assembly, "REPOSITORY", repository)
    return repository


@pytest.fixture
def app(repository: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    app = App()
    monkeypatch.setattr(local.assembly, "_run", app)
    return app


def brought_up(repository: Path, force: str = "merseyside", **environ: str) -> None:
    found = synthesise(repository.parent / "cdk.out", force=force, stage="dev", environ=environ)
    assert found.template == DESK


def test_what_nothing_has_changed_for_is_not_synthesised_again(repository: Path, app: App) -> None:
    brought_up(repository)
    (repository / "docs/deploy.md").write_text("something else")
    (repository / "functions/triage/__pycache__").mkdir()
    (repository / "functions/triage/__pycache__/rules.pyc").write_text("x")
    brought_up(repository, LANG="cy_GB.UTF-8")

    assert app.synthesised == ["merseyside"]


def test_a_changed_file_force_or_variable_is_synthesised_anew(repository: Path, app: App) -> None:
    brought_up(repository)
    (repository / "functions/triage/rules/life.yaml").write_text("- blade\n")
    brought_up(repository)
    (repository / "functions/triage/rules/death.yaml").write_text("")
    brought_up(repository)
    (repository / "functions/triage/rules/death.yaml").rename(repository / "functions/triage/rules/end.yaml")
    brought_up(repository)
    brought_up(repository, force="example")
    brought_up(repository, force="example", DESK_SHIFT="at_once")

    assert app.synthesised == [*["merseyside"] * 4, "example", "example"]


def test_what_a_failed_synthesis_left_is_never_taken_for_whole(repository: Path, app: App) -> None:
    brought_up(repository)
    before = (repository / "functions/triage/rules/life.yaml").read_text()
    (repository / "functions/triage/rules/life.yaml").write_text("not ya]ml")
    app.broken = True
    with pytest.raises(SynthesisError):
        brought_up(repository)
    app.broken = False
    (repository / "functions/triage/rules/life.yaml").write_text(before)
    brought_up(repository)

    assert len(app.synthesised) == 3
