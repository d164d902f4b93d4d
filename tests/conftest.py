"""What every tier shares: its mark, its place in the order, and an environment that reaches no account."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler.loadscope import LoadScopeScheduling

TESTS = Path(__file__).parent
TIERS = (
    "unit",
    "contract",
    "infra",
    "simulation",
    "e2e",
    "web",
    "deploy",
)  # cheapest first: the order in which they run
# Those that need a browser, and the deployment of a fresh clone: they run when they are asked for by name.
ASKED_FOR = (TESTS / "web", TESTS / "deploy")

# Handlers make their clients when they are imported, so this is set before the first test module is.
FUNCTION_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_DEFAULT_REGION": "eu-west-2",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_REGION": "eu-west-2",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "NO_PROXY": "127.0.0.1,localhost",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "POWERTOOLS_METRICS_NAMESPACE": "ContactDesk",
    "POWERTOOLS_SERVICE_NAME": "tests",
}

# Here and not in a hook: the conftest of a folder named on the command line is imported before any hook is called.
for name in [name for name in os.environ if name.startswith(("AWS_", "POWERTOOLS_"))]:
    del os.environ[name]
os.environ.update(FUNCTION_ENVIRONMENT)

settings.register_profile("test", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("prove", deadline=None, max_examples=2_000)


def pytest_configure(config: pytest.Config) -> None:
    proving = os.environ.get("DESK_PROVE") == "1"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "prove" if proving else "test"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Some tiers run when they are asked for by name, and only then."""
    asked_for = [Path(name.split("::")[0]).resolve() for name in config.args]
    if collection_path in ASKED_FOR and not any(path.is_relative_to(collection_path) for path in asked_for):
        return True
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        tier = tier_of(item)
        item.add_marker(tier)
        if tier == "unit":
            item.add_marker(
                "disable_socket"
            )  # an event loop's own pair is no way out, so pyproject.toml allows it
    # The end-to-end desk mostly waits: of several workers one begins with it while the others compute.
    order = ("e2e", *TIERS) if hasattr(config, "workerinput") else TIERS
    items.sort(key=lambda item: order.index(tier_of(item)))


def pytest_collection_finish() -> None:
    # What stands now stands until the end: the collector need not look at it again with every test.
    gc.collect()
    gc.freeze()


def tier_of(item: pytest.Item) -> str:
    """The tier that a test's folder names; a test elsewhere has none, and is refused."""
    tier = item.path.relative_to(TESTS).parts[0]
    if tier not in TIERS:
        raise pytest.UsageError(f"{item.nodeid} is in none of {', '.join(TIERS)}")
    return tier


class ByWhatIsShared(LoadScopeScheduling):  # type: ignore[misc]  # the package has no types
    """Keeps on one worker whatever shares something slow to make: an emulator, a synthesis, a desk."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        tier = file.relative_to(TESTS.name).parts[0]
        return tier if tier in ("contract", "infra", "e2e") else str(file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByWhatIsShared:
    return ByWhatIsShared(config, log)


@pytest.fixture(autouse=True)
def counts_of_its_own() -> Iterator[None]:
    """What a test counts goes with it: the hundredth count of a process is printed, into whatever test it comes in."""
    yield
    # Here, since it is made in the environment that is set above.
    from contact_desk.observability import metrics

    metrics.clear_metrics()
