"""What ships: each zip holds what it needs and nothing else, for the platform that will run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra import bytecode, vendor_layer
from infra.app import main
from infra.assets import Bundles, BundleTarget, BundleTargetError
from infra.bytecode import BytecodeError
from tests.infra.assembly import Assembly
from tests.infra.conftest import ROOT, synthesis
from tests.infra.test_functions import FUNCTIONS

LOCKED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
MODULES_OF = {
    "annotated-types": "annotated_types",
    "aws-lambda-powertools": "aws_lambda_powertools",
    "govuk-frontend-jinja": "govuk_frontend_jinja",
    "pydantic-core": "pydantic_core",
    "python-dateutil": "dateutil",
    "pyyaml": "yaml",
    "six": "six.py",
    "typing-extensions": "typing_extensions.py",
    "typing-inspection": "typing_inspection",
}
LAMBDA_ALLOWS = 250 * 1024 * 1024
# What a handler's process loads; run on the bundle alone, without this environment's packages.
LOAD = """
import sys
sys.path[:0] = sys.argv[1:]
import aws_lambda_powertools.event_handler, aws_lambda_powertools.utilities.batch, boto3, pydantic
from aws_lambda_powertools import Logger, Metrics
for service in {services}:
    boto3.client(service, region_name="eu-west-2")
print([name for name, module in sys.modules.items()
       if getattr(module, "__file__", None) and "site-packages" in module.__file__])
"""


def files_in(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def sources_of(folder: Path) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_ships_its_own_folder_and_the_force_file(desk: Assembly, name: str) -> None:
    folder = FUNCTIONS[name][0].split(".")[1]
    expected = sources_of(ROOT / "functions" / folder) | {"forces/merseyside.toml"}
    assert files_in(desk.code_of(name)) == expected


def test_another_force_ships_its_own_file(example_desk: Assembly) -> None:
    assert {path for path in files_in(example_desk.code_of("Triage")) if path.startswith("forces/")} == {
        "forces/example.toml"
    }
    variables = example_desk.properties("Triage")["Environment"]["Variables"]
    assert variables["FORCE_FILE"] == "forces/example.toml"


def test_the_core_layer_ships_the_domain(desk: Assembly) -> None:
    core = ROOT / "layers/core"
    expected = {path.removeprefix("layers/core/") for path in sources_of(core / "python")}
    assert files_in(desk.code_of(_layer(desk, "CoreLayer"))) == expected


@pytest.mark.parametrize(
    ("layer", "folder", "beside"),
    [("VendorLayer", "vendor", set()), ("TriageLibraries", "triage", {"_yaml", "numpy.libs"})],
)
def test_a_layer_ships_the_locked_libraries_and_no_more(
    desk: Assembly, layer: str, folder: str, beside: set[str]
) -> None:
    site = desk.code_of(_layer(desk, layer)) / "python"
    locked = dict(LOCKED.findall((ROOT / f"layers/{folder}/requirements.txt").read_text()))
    modules = {MODULES_OF.get(name, name) for name in locked} | beside
    records = {f"{name.replace('-', '_')}-{version}.dist-info" for name, version in locked.items()}
    assert {path.name for path in site.iterdir()} - {"__pycache__"} == modules | records


def test_the_vendor_layer_describes_only_the_services_in_use(desk: Assembly) -> None:
    site = desk.code_of(_layer(desk, "VendorLayer")) / "python"
    descriptions = {path.name for path in (site / "botocore/data").iterdir() if path.is_dir()}
    assert descriptions == vendor_layer.AWS_SERVICES
    assert not (site / "boto3/data").exists()


def test_the_vendor_layer_carries_licences_and_no_ballast(desk: Assembly) -> None:
    site = desk.code_of(_layer(desk, "VendorLayer")) / "python"
    for records in site.glob("*.dist-info"):
        assert (records / "METADATA").is_file()
        assert [path for path in records.rglob("*") if "licen" in path.name.lower()], records.name
    ballast = [*site.rglob("tests"), *site.rglob("*.pyi"), *site.rglob("RECORD"), *site.glob("bin")]
    assert ballast == []
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 30_000_000


def test_what_triage_loads_fits_twice_into_what_lambda_allows(desk: Assembly) -> None:
    code = [desk.code_of(name) for name in ("Triage", _layer(desk, "CoreLayer"), _layer(desk, "VendorLayer"))]
    code.append(desk.code_of(_layer(desk, "TriageLibraries")))
    sizes = [path.stat().st_size for folder in code for path in folder.rglob("*") if path.is_file()]
    assert sum(sizes) < LAMBDA_ALLOWS / 2


def test_no_other_function_carries_the_model_or_its_libraries(desk: Assembly) -> None:
    heavy = [name for name in FUNCTIONS if any(desk.code_of(name).rglob("*.npz"))]
    assert heavy == ["Triage"]


@pytest.mark.parametrize("layer", ["VendorLayer", "TriageLibraries"])
def test_native_code_is_for_lambdas_platform(desk: Assembly, layer: str) -> None:
    site = desk.code_of(_layer(desk, layer)) / "python"
    native = [path for path in site.rglob("*.so") if not path.parent.name.endswith(".libs")]
    assert native
    assert [path.name for path in native if "cpython-313-aarch64-linux-gnu" not in path.name] == []


def test_lambdas_bundle_carries_bytecode_for_every_module(desk: Assembly) -> None:
    if bytecode.lambda_compiler(os.environ) is None:
        pytest.skip(f"no Python {bytecode.LAMBDA_VERSION} found; a release build requires one")
    for name in ("Triage", _layer(desk, "CoreLayer"), _layer(desk, "VendorLayer")):
        _assert_compiled(desk.code_of(name), "cpython-313")


def test_this_machines_bundle_carries_bytecode_for_every_module(host_desk: Assembly) -> None:
    for name in ("Triage", _layer(host_desk, "CoreLayer"), _layer(host_desk, "VendorLayer")):
        _assert_compiled(host_desk.code_of(name), str(sys.implementation.cache_tag))


def test_this_machines_bundle_loads_all_that_handlers_use_from_itself(host_desk: Assembly) -> None:
    layers = [
        str(host_desk.code_of(_layer(host_desk, name)) / "python") for name in ("CoreLayer", "VendorLayer")
    ]
    program = LOAD.format(services=sorted(vendor_layer.AWS_SERVICES))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, *layers], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_the_template_is_the_same_wherever_the_code_will_run(desk: Assembly, host_desk: Assembly) -> None:
    assert host_desk.without_hashes == desk.without_hashes
    assert host_desk.asset_folders.keys() != desk.asset_folders.keys()


def test_two_syntheses_of_the_same_sources_make_the_same_assets(
    host_desk: Assembly, example_desk: Assembly
) -> None:
    for name in ("CoreLayer", "VendorLayer"):
        layer = _layer(host_desk, name)
        assert example_desk.properties(layer)["Content"] == host_desk.properties(layer)["Content"]
    assert example_desk.properties("Triage")["Code"] != host_desk.properties("Triage")["Code"]


def test_a_mistaken_choice_stops_synthesis_with_a_sentence(tmp_path: Path) -> None:
    stopped = synthesis(tmp_path, DESK_FORCE="nowhere")
    output, _ = stopped.communicate()
    assert stopped.returncode == 1
    assert "there is no such force file" in output
    assert "Traceback" not in output
    assert list(tmp_path.glob("*.template.json")) == []


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"DESK_STAGE": "Live!"}, "stage 'Live!': 1 to 20 of a-z, 0-9 and -"),
        ({"DESK_BUNDLE": "mainframe"}, "DESK_BUNDLE=mainframe: allowed are lambda, host"),
    ],
    ids=["stage", "target"],
)
def test_each_mistaken_choice_has_its_own_sentence(
    tmp_path: Path, variables: dict[str, str], message: str
) -> None:
    with pytest.raises(SystemExit, match=re.escape(message)):
        main({"DESK_CDK_OUT": str(tmp_path), **variables})


def test_a_release_is_not_built_without_lambdas_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bytecode, "lambda_compiler", lambda environ: None)
    assert Bundles.from_environment({}).compiler is None
    with pytest.raises(BytecodeError, match=r"a release ships bytecode: install Python 3\.13"):
        Bundles.from_environment({"DESK_RELEASE": "1"})


def test_an_unknown_bundle_target_is_refused() -> None:
    with pytest.raises(BundleTargetError, match="allowed are lambda, host"):
        Bundles.from_environment({"DESK_BUNDLE": "arm"})
    assert Bundles.from_environment({"DESK_BUNDLE": "host"}).target is BundleTarget.HOST


def test_an_interpreter_that_fails_or_is_of_another_version_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bytecode, "LAMBDA_VERSION", (9, 9))
    shim = tmp_path / "python9.9"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    elsewhere = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    assert bytecode.lambda_compiler(elsewhere) is None
    assert bytecode.lambda_compiler({**elsewhere, "DESK_TARGET_PYTHON": sys.executable}) is None
    shim.write_text("#!/bin/sh\necho cpython-99\n")
    found = bytecode.lambda_compiler(elsewhere)
    assert found is not None
    assert found.python == shim


def test_a_module_that_does_not_compile_stops_the_bundle(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def (:\n")
    with pytest.raises(BytecodeError, match="cannot compile"):
        bytecode.running_compiler().compile(tmp_path, runs_in="/var/task")


def test_missing_wheels_are_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(vendor_layer.VendorLayerError, match="make setup"):
        vendor_layer.install_vendor(
            tmp_path / "site",
            requirements=ROOT / "layers/vendor/requirements.txt",
            wheels=tmp_path / "none",
            platform=(),
        )


def test_a_wheel_that_is_not_the_locked_one_is_refused(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"six==1.17.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(vendor_layer.VendorLayerError, match="Hash mismatch"):
        vendor_layer.install_vendor(
            tmp_path / "site", requirements=requirements, wheels=ROOT / ".wheels/host", platform=()
        )


def _layer(desk: Assembly, start: str) -> str:
    (name,) = [name for name in desk.of_type("AWS::Lambda::LayerVersion") if name.startswith(start)]
    return name


def _assert_compiled(folder: Path, cache_tag: str) -> None:
    lacking = [
        module.name
        for module in folder.rglob("*.py")
        if not (module.parent / "__pycache__" / f"{module.stem}.{cache_tag}.pyc").is_file()
    ]
    assert lacking == []
    compiled = next(folder.rglob("*.pyc")).read_bytes()
    # Flags 1: the bytecode goes by a hash of its source, and is not checked against it when it is loaded.
    assert int.from_bytes(compiled[4:8], "little") == 1
