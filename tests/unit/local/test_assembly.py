"""The desk stack is found in a cloud assembly, with its assets; what only AWS can run is left out."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local.assembly import Asset, SynthesisError, read_assembly

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
