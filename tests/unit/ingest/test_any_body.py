"""A small share of what `make fuzz` does, and every body that ever failed there."""

from __future__ import annotations

from hypothesis import example, given

from tests.any_bodies import Body, any_bodies, any_seed, assert_read, assert_refused, assert_taken_in

# WhatsApp's objects frame nothing as `standby` items; what does so once slipped through as an error of ours.
STANDBY_ITEM_OF_A_LIST = Body(
    "meta", b'{"object":"whatsapp_business_account","entry":[{"id":"1","standby":[[{"sender":{"id":"2"}}]]}]}'
)


@given(any_bodies)
@example(STANDBY_ITEM_OF_A_LIST)
def test_any_body_is_read_without_a_slip_and_reads_the_same_twice(body: Body) -> None:
    assert_read(body)


@given(any_bodies)
@example(STANDBY_ITEM_OF_A_LIST)
def test_any_signed_body_is_archived_and_all_that_is_in_it_queued(body: Body) -> None:
    assert_taken_in(body)


@given(any_bodies, any_seed)
def test_no_forged_body_is_taken_in(body: Body, seed: bytes) -> None:
    assert_refused(body, seed)
