"""Every quarter of an hour, with disposal: what platforms asked to delete in people's names is erased.

It is `desk subject erase` without a person at the terminal: holds and what is kept as a record narrow it alike. A case
that is open or on hold has the request looked at again the next day, since a platform does not ask twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from contact_desk.clock import Clock
from contact_desk.data_deletions import ASKED_AGAIN_AFTER, DeletionRequest
from contact_desk.observability import count
from contact_desk.ports import DeletionRequests
from contact_desk.subject_rights import SubjectRights
from contact_desk.subjects import NotErased

FOR_NOW = frozenset({NotErased.OPEN, NotErased.HELD})


@dataclass(frozen=True, slots=True)
class Settled:
    """What a run did: requests settled, looked at again later, and left for a person."""

    settled: int
    later: int
    unmatched: int


def settle(requests: DeletionRequests, rights: SubjectRights, clock: Clock) -> Settled:
    """Look at each request that is due; whoever looks twice finds less."""
    settled = later = unmatched = 0
    for request in requests.due(clock.now()):
        found, waits = _erase(request, rights)
        if waits:
            requests.look_again(request.code, clock.now() + ASKED_AGAIN_AFTER)
            later += 1
        elif request.matched or found:
            requests.settle(request.code, clock.now())
            settled += 1
        else:
            # Nothing goes by the app's own id, and the platform did not say by which ids the pages know the person.
            requests.look_again(request.code, None)
            unmatched += 1
    count("DeletionsSettled", settled)
    count("DeletionsWaiting", later)
    return Settled(settled, later, unmatched)


def _erase(request: DeletionRequest, rights: SubjectRights) -> tuple[int, bool]:
    """How many cases are the person's, and whether one of them only waits."""
    by = replace(rights, by=f"platform:{request.platform}", request_id=f"deletion-{request.code}")
    cases = by.find(request.names)
    done = by.erase(cases)
    return len(cases), any(one.why_not in FOR_NOW for one in done)
