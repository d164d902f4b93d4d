"""Who works a case: claim, release and take-over. They leave its version alone, so they never make a reply stale.

At most one claim is live. Its token is new with each taking and stays through renewals: what was read under one token
cannot be written under another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from contact_desk.case_desk import CaseChange
from contact_desk.cases import Claim
from contact_desk.timeline import EntryKind
from functions.operate.acts import Scene, on_the_desk
from functions.operate.refusals import CaseHeldError, NotHolderError


@dataclass(frozen=True, slots=True)
class ClaimCase:
    """Take a case that nobody holds, or renew one's own lease."""

    name: ClassVar[str] = "claim"
    kept_text: ClassVar[str | None] = None

    def change(self, scene: Scene) -> CaseChange:
        """A claim that ran out is nobody's; a live one of somebody else's raises CaseHeldError."""
        on_the_desk(scene.case)
        claim = _live_claim(scene)
        if claim is None:
            return _taken(scene, EntryKind.CLAIM)
        if claim.holder != scene.operator.subject:
            raise CaseHeldError(claim)
        return _renewed(scene, claim)


@dataclass(frozen=True, slots=True)
class TakeOverCase:
    """Take a case, whoever holds it; for supervisors."""

    name: ClassVar[str] = "take-over"
    kept_text: ClassVar[str | None] = None

    def change(self, scene: Scene) -> CaseChange:
        """The timeline says from whom; what one holds already is renewed."""
        on_the_desk(scene.case)
        claim = _live_claim(scene)
        if claim and claim.holder == scene.operator.subject:
            return _renewed(scene, claim)
        return _taken(scene, EntryKind.TAKE_OVER, f"from {claim.name}" if claim else None)


@dataclass(frozen=True, slots=True)
class ReleaseCase:
    """Give a case back that one holds."""

    name: ClassVar[str] = "release"
    kept_text: ClassVar[str | None] = None

    def change(self, scene: Scene) -> CaseChange:
        """Also for a claim that ran out and that nobody took since."""
        claim = scene.case.claim
        if claim is None or claim.holder != scene.operator.subject:
            raise NotHolderError(_live_claim(scene))
        return CaseChange(scene.case, replace(scene.case, claim=None), (scene.entry(EntryKind.RELEASE),))


def _live_claim(scene: Scene) -> Claim | None:
    claim = scene.case.claim
    return claim if claim and claim.live(scene.now) else None


def _taken(scene: Scene, kind: EntryKind, text: str | None = None) -> CaseChange:
    operator = scene.operator
    claim = Claim(operator.subject, operator.name, scene.new_token(), scene.lease_until)
    return CaseChange(scene.case, replace(scene.case, claim=claim), (scene.entry(kind, text),))


def _renewed(scene: Scene, claim: Claim) -> CaseChange:
    return CaseChange(scene.case, replace(scene.case, claim=replace(claim, until=scene.lease_until)))
