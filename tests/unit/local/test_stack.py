"""A local desk knows whose pages it publishes on, which port its state belongs to, and what it may forget."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact_desk.force_file import load_force_file
from local.addresses import REPOSITORY, Addresses, LocalAddressError
from local.emulator import service as emulator
from local.processes import LocalProcessError, Processes
from local.stack import STATE, LocalDesk, Silent, accounts_of, written_to


@pytest.mark.parametrize("name", sorted(path.stem for path in (REPOSITORY / "forces").glob("*.toml")))
def test_each_channel_has_its_account_and_each_page_its_token(name: str) -> None:
    force = load_force_file(REPOSITORY / "forces" / f"{name}.toml")
    accounts = accounts_of(force)

    assert accounts["report_form"] == force.short_code
    assert {channel: accounts[channel] for channel in force.channels} == {
        channel: entry.account for channel, entry in force.channels.items()
    }
    assert {one.account for one in written_to(force).values()} <= set(accounts.values())
    assert written_to(force)["messenger"].account == accounts["messenger"]


def test_state_is_not_used_at_another_port_than_it_was_made_at(tmp_path: Path) -> None:
    (tmp_path / "emulator").mkdir()
    (tmp_path / "emulator" / "port").write_text("4599")
    desk = LocalDesk(addresses=Addresses(home=tmp_path, emulator_port=4600))

    with pytest.raises(LocalAddressError, match="4599"):
        desk.bring_up(Silent())


def test_forgetting_removes_all_state_and_nothing_else(tmp_path: Path) -> None:
    for name in STATE:
        path = tmp_path / name
        if path.suffix:
            path.touch()
        else:
            path.mkdir()
            (path / "file").touch()
    (tmp_path / "somebody's").touch()

    LocalDesk(addresses=Addresses(home=tmp_path)).forget()

    assert [path.name for path in tmp_path.iterdir()] == ["somebody's"]


def test_a_desk_that_never_ran_is_not_running(tmp_path: Path) -> None:
    desk = LocalDesk(addresses=Addresses(home=tmp_path))

    assert desk.running() is None
    assert desk.function_pids() == {}
    assert desk.take_down() == []


def test_an_emulator_that_is_slow_to_stop_is_a_fault_only_where_its_state_was_to_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    def slow(_: Processes, name: str, *, deadline_seconds: float) -> bool:
        waited.append(deadline_seconds)
        if name == emulator.NAME:
            raise LocalProcessError(f"{name} was killed")
        return name == "platforms"

    monkeypatch.setattr(Processes, "stop", slow)
    desk = LocalDesk(addresses=Addresses(home=tmp_path))

    with pytest.raises(LocalProcessError, match="was killed"):
        desk.take_down()
    assert desk.take_down(saving=False) == ["platforms", emulator.NAME]
    assert waited[-1] < waited[0]
