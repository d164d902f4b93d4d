"""Cursors, the channel log, parking and holds: each real store behaves as its twin."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contact_desk.archive_keys import PARKED_PREFIX
from contact_desk.canaries import CanarySeen
from contact_desk.catching_up import Cursor
from contact_desk.contacts import Person
from contact_desk.errors import StoreBusyError
from contact_desk.ports import ChannelLog, Cursors, Parking
from contact_desk.stores.archive import S3ArchiveReader
from contact_desk.stores.channel_log import DynamoChannelLog
from contact_desk.stores.cursors import ParameterCursors
from contact_desk.stores.holds import ParameterHolds
from contact_desk.stores.parking import S3Parking
from contact_desk.stores.repairs import DynamoRepairs
from local.addresses import REGION
from local.twins.held_still import NOON, FrozenClock
from local.twins.in_memory_channel_log import InMemoryChannelLog
from local.twins.in_memory_cursors import InMemoryCursors
from local.twins.in_memory_parking import InMemoryParking
from tests.builders import PAGE, contact
from tests.contract.conftest import Backend


@pytest.fixture
def cursors(backend: Backend) -> Cursors:
    if backend.name == "twin":
        return InMemoryCursors()
    name = f"cursors-{backend.table_name}"
    backend.client("ssm").put_parameter(Name=name, Value="{}", Type="String")
    return ParameterCursors(backend.client("ssm"), name)


@pytest.fixture
def channel_log(backend: Backend) -> ChannelLog:
    return InMemoryChannelLog() if backend.name == "twin" else DynamoChannelLog(backend.table)


def bucket(backend: Backend) -> str:
    name = f"parking-{backend.table_name}"
    backend.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


@pytest.fixture
def parking(backend: Backend) -> Parking:
    return InMemoryParking() if backend.name == "twin" else S3Parking(backend.client("s3"), bucket(backend))


def test_a_cursor_is_kept_for_each_account_by_itself(cursors: Cursors) -> None:
    assert cursors.get("messenger", PAGE) is None
    waiting = Cursor(NOON, NOON + timedelta(minutes=12))
    cursors.put("messenger", PAGE, waiting)
    cursors.put("facebook_page", PAGE, Cursor(NOON))

    assert cursors.get("messenger", PAGE) == waiting
    assert cursors.get("facebook_page", PAGE) == Cursor(NOON)
    cursors.put("messenger", PAGE, Cursor(NOON + timedelta(minutes=5)))
    assert cursors.get("messenger", PAGE) == Cursor(NOON + timedelta(minutes=5))


def test_the_last_contact_of_a_channel_is_remembered_in_whatever_order_they_come(
    channel_log: ChannelLog,
) -> None:
    assert channel_log.last_heard("messenger", PAGE) is None
    for minutes in (1, 3, 2):
        channel_log.heard("messenger", PAGE, NOON + timedelta(minutes=minutes))

    assert channel_log.last_heard("messenger", PAGE) == NOON + timedelta(minutes=3)
    assert channel_log.last_heard("facebook_page", PAGE) is None


def test_the_last_canary_of_a_channel_is_remembered_apart_from_its_contacts(channel_log: ChannelLog) -> None:
    assert channel_log.last_canary("messenger", PAGE) is None
    for number in (1, 2):
        canary = contact(native_id=f"canary.{number}", person=Person("canary"))
        channel_log.canary_seen(canary, NOON + timedelta(minutes=number))

    last = channel_log.last_canary("messenger", PAGE)
    assert last == CanarySeen("canary.2", contact().received_at, NOON + timedelta(minutes=2))
    assert channel_log.last_heard("messenger", PAGE) is None
    assert channel_log.last_canary("x", PAGE) is None

    received_at = contact().received_at - timedelta(minutes=1)
    replayed = contact(native_id="canary.0", person=Person("canary"), received_at=received_at)
    channel_log.canary_seen(replayed, NOON + timedelta(minutes=3))
    assert channel_log.last_canary("messenger", PAGE) == last


def test_the_delivery_of_a_canary_is_closed_so_that_it_is_no_orphan(table_backend: Backend) -> None:
    canary = contact(native_id="canary.1", person=Person("canary"))
    repairs = DynamoRepairs(table_backend.table)
    assert repairs.without_receipt([canary.archive_key]) == [canary.archive_key]
    DynamoChannelLog(table_backend.table).canary_seen(canary, NOON)
    assert list(repairs.without_receipt([canary.archive_key])) == []


def test_a_minute_has_its_slots_and_the_next_one_too(parking: Parking) -> None:
    bodies = [f"body {number}".encode() for number in range(20)]
    kept = [parking.park("meta", body, at=NOON, slots=5, tries=5) for body in bodies]

    assert kept.count(True) == 5
    assert parking.park("meta", b"one more", at=NOON + timedelta(minutes=1), slots=5, tries=1)
    assert parking.park("x", b"one more", at=NOON, slots=5, tries=1)


def test_what_is_parked_is_read_back_byte_for_byte_and_is_no_delivery(table_backend: Backend) -> None:
    s3, name = table_backend.client("s3"), bucket(table_backend)
    S3Parking(s3, name).park("meta", b"\x00\xff", at=NOON, slots=5, tries=1)
    archive = S3ArchiveReader(s3, name)

    (listed,) = archive.keys(PARKED_PREFIX)
    stored = archive.get(listed.key)
    assert stored is not None
    assert stored.body == b"\x00\xff"
    assert list(archive.keys("raw/")) == []


def test_a_hold_is_seen_within_seconds_and_outlasts_a_service_that_does_not_answer(
    table_backend: Backend,
) -> None:
    ssm, clock, name = table_backend.client("ssm"), FrozenClock(), f"hold-{table_backend.table_name}"
    ssm.put_parameter(Name=name, Value="none", Type="String")
    holds = ParameterHolds(ssm, name, clock)
    assert not holds.on_hold("meta")

    ssm.put_parameter(Name=name, Value="meta,x", Type="String", Overwrite=True)
    clock.advance(seconds=15)
    assert holds.on_hold("meta")
    assert not holds.on_hold("sms")
    ssm.delete_parameter(Name=name)
    clock.advance(minutes=5)
    assert holds.on_hold("meta")


def test_a_parameter_that_was_never_readable_holds_nothing(table_backend: Backend) -> None:
    holds = ParameterHolds(table_backend.client("ssm"), "there-is-no-such-parameter", FrozenClock())

    assert not holds.on_hold("meta")


@pytest.mark.parametrize(
    "value", ["none", "[]", '{"messenger#1":7}', '{"messenger#1":{"read_until":"soon"}}']
)
def test_cursors_that_somebody_spoilt_by_hand_begin_anew(table_backend: Backend, value: str) -> None:
    ssm, name = table_backend.client("ssm"), f"spoilt-{table_backend.table_name}"
    ssm.put_parameter(Name=name, Value=value, Type="String")
    cursors = ParameterCursors(ssm, name)

    assert cursors.get("messenger", "1") is None
    cursors.put("messenger", "1", Cursor(NOON))
    assert cursors.get("messenger", "1") == Cursor(NOON)


def test_cursors_that_cannot_be_read_or_written_are_a_fault_that_names_no_value(
    table_backend: Backend,
) -> None:
    cursors = ParameterCursors(table_backend.client("ssm"), "there-is-no-such-parameter")

    with pytest.raises(StoreBusyError, match="ParameterNotFound"):
        cursors.get("messenger", "1")
    with pytest.raises(StoreBusyError, match="ParameterNotFound"):
        cursors.put("messenger", "1", Cursor(NOON))
