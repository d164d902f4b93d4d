"""A local desk is found through its environment variables, and two of them never meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.addresses import REPOSITORY, Addresses, LocalAddressError


def test_without_variables_everything_stands_where_it_always_does() -> None:
    addresses = Addresses.from_environment({})

    assert addresses.home == REPOSITORY / ".desk"
    assert addresses.emulator_url == "http://127.0.0.1:4599"
    assert addresses.front_door_url == "http://127.0.0.1:8780"
    assert addresses.platforms_url == "http://127.0.0.1:8781"
    assert addresses.oidc_url == "http://127.0.0.1:8782"


def test_a_child_process_reads_the_same_addresses(tmp_path: Path) -> None:
    addresses = Addresses(home=tmp_path, emulator_port=1, front_door_port=2, platforms_port=3, oidc_port=4)

    assert Addresses.from_environment(addresses.environment()) == addresses


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1", "4599 "])
def test_what_is_no_port_is_refused_by_the_variables_name(value: str) -> None:
    with pytest.raises(LocalAddressError, match="DESK_OIDC_PORT"):
        Addresses.from_environment({"DESK_OIDC_PORT": value})
