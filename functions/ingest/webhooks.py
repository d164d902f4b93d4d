"""Takes in one delivery: verify, read, archive, queue. Nothing is answered 200 before archive and queues have it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import NamedTuple

from contact_desk import confirmations
from contact_desk.canaries import is_canary
from contact_desk.clock import Clock
from contact_desk.contacts import Act
from contact_desk.force_file import ForceFile
from contact_desk.http_api import Answer, Request, answer, problem
from contact_desk.observability import count, count_each, logger
from contact_desk.parked import LARGEST_BYTES, ParkedDelivery, signature_headers, to_bytes
from contact_desk.ports import Archive, ContactQueue, Holds, Parking, PointerQueue, Secret
from functions.ingest.delivery import Reading, read_delivery
from functions.ingest.reading import Platform, Reason
from functions.ingest.registry import PLATFORMS

# How old our copy of a secret may be before a signature that it does not fit is refused.
RECENTLY = timedelta(seconds=30)


# How many unverified deliveries to a webhook are kept of one minute: while nobody expects any, a few are enough to see
# what goes on; on hold it is everything that a platform sends on a busy day.
SLOTS_A_MINUTE = 20
SLOTS_ON_HOLD = 300
TRIES_ON_HOLD = 4  # a forgery is worth one call to S3 and no more


class Webhooks(NamedTuple):
    """What the webhooks work with; `secrets` are those of the platforms that the force has channels on, by name."""

    force: ForceFile
    archive: Archive
    contacts: ContactQueue
    confirmations: PointerQueue
    secrets: Mapping[str, Secret]
    parking: Parking
    holds: Holds
    clock: Clock


def take_in(webhook: str, request: Request, webhooks: Webhooks) -> Answer:
    """Take in a delivery to one webhook. Raises StoreError where that is not provably done."""
    platform, secret = PLATFORMS[webhook], webhooks.secrets.get(webhook)
    if secret is None:  # the force has no channel on it
        return problem(HTTPStatus.NOT_FOUND)
    if not _is_signed(platform, request, secret):
        return _refuse(webhook, request, webhooks)
    reading = read_delivery(webhook, request.body, webhooks.clock.now(), webhooks.force)
    webhooks.archive.put(reading.archive_key, request.body)
    webhooks.contacts.send(reading.contacts)
    webhooks.confirmations.send([confirmations.to_message(confirmed) for confirmed in reading.confirmations])
    _account_for(reading)
    return answer(HTTPStatus.OK, *platform.thanks)


def shake_hands(webhook: str, request: Request, webhooks: Webhooks) -> Answer:
    """Answer what a platform asks of its webhook before it delivers to it, and now and then afterwards."""
    handshake = PLATFORMS[webhook].handshake
    if handshake is None or webhook not in webhooks.secrets:
        return problem(HTTPStatus.NOT_FOUND)
    return handshake(request, webhooks)


def _refuse(webhook: str, request: Request, webhooks: Webhooks) -> Answer:
    """What nobody could verify: 401 and a parked copy; where people have put the webhook on hold, parked and 200.

    On hold nothing is answered 200 that is not parked. What was never signed is no platform's: 401, and no copy.
    """
    count("SignatureRefused")
    headers = signature_headers(request.headers)
    if not headers or len(request.body) > LARGEST_BYTES:
        return problem(HTTPStatus.UNAUTHORIZED)
    on_hold = webhooks.holds.on_hold(webhook)
    is_parked = webhooks.parking.park(
        webhook,
        to_bytes(ParkedDelivery(headers, request.body)),
        at=webhooks.clock.now(),
        slots=SLOTS_ON_HOLD if on_hold else SLOTS_A_MINUTE,
        tries=TRIES_ON_HOLD if on_hold else 1,
    )
    count("DeliveriesParked" if is_parked else "ParkingRefused")
    logger.append_keys(on_hold=on_hold, parked=is_parked)
    if not on_hold:
        return problem(HTTPStatus.UNAUTHORIZED)
    return (
        answer(HTTPStatus.OK, *PLATFORMS[webhook].thanks)
        if is_parked
        else problem(HTTPStatus.SERVICE_UNAVAILABLE)
    )


def _is_signed(platform: Platform, request: Request, secret: Secret) -> bool:
    """Signed with the current or the previous secret; a refusal counts only against a copy read just now."""
    versions = secret.versions()
    if any(platform.is_signed(request.headers, request.body, version) for version in versions):
        return True
    newer = [version for version in secret.versions(max_age=RECENTLY) if version not in versions]
    return any(platform.is_signed(request.headers, request.body, version) for version in newer)


def _account_for(reading: Reading) -> None:
    count("ContactsReceived", sum(not is_canary(each) for each in reading.contacts))
    count("ConfirmationsReceived", len(reading.confirmations))
    unreadable = sum(reading.unreadable.values())
    count("UnreadableContacts", unreadable)
    count("SealedContacts", sum(each.act is Act.UNREADABLE for each in reading.contacts) - unreadable)
    count("AccessRevoked", reading.ignored.get(Reason.ACCESS_REVOKED, 0))
    count("UnknownAccount", reading.ignored.get(Reason.ACCOUNT_UNKNOWN, 0))
    count("PolicyEnforcement", reading.ignored.get(Reason.POLICY_ENFORCEMENT, 0))
    count_each("DeliveriesIgnored", "reason", reading.ignored)
    logger.append_keys(
        archive_key=reading.archive_key,
        contacts=len(reading.contacts),
        confirmations=len(reading.confirmations),
        ignored=dict(reading.ignored),
        unreadable=dict(reading.unreadable),
    )
