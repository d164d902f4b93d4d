"""What the desk refuses an operator, drawn once; `problems` says how each is answered.

RefusalError
├── NotSignedInError         the call carries no token that the desk can use
├── ForbiddenError           the caller's roles do not allow it
├── NoSuchPathError          nothing is served there
├── NoSuchVerbError          something is served there, to other verbs
├── NotThereError            there is no such case, alert or outbox item
├── UnreadableBodyError      the body is not JSON
├── UnknownMediaTypeError    the body is said to be something else than JSON
├── InvalidFieldsError       fields break a rule
├── KeyMissingError          the call has no idempotency key, or none that can be one
├── KeyReusedError           the idempotency key stands for another request
├── VersionMissingError      the call does not say which version of the case it speaks of
├── StaleVersionError        the case has changed since the operator saw it
├── CaseHeldError            another operator works the case
├── NotHolderError           the operator does not hold the case
├── CaseClosedError          the case is closed
├── NewContactError          the person wrote again since the operator saw the case
├── WindowClosedError        the platform takes no more answers to this person
├── TextTooLongError         the words are more than the platform takes at once
├── NoSenderError            the desk cannot write to people on this channel
├── UnshowableFileError      the file is kept, and is no picture that a screen can show
├── NotWaitingError          the outbox item does not wait for a person
├── OwnApprovalError         who submitted a broadcast wants to approve it
├── BytesChangedError        the broadcast is not what was submitted, or not what the approver read
├── ApprovalLapsedError      more than 15 minutes have passed since its submission
├── PublishingStoppedError   all publishing is stopped
└── WrongStateError          the broadcast's state does not allow it
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from contact_desk.cases import Claim
from contact_desk.clock import to_rfc3339
from contact_desk.errors import ContactDeskError
from contact_desk.message_lengths import Limit, split


class RefusalError(ContactDeskError):
    """The desk refuses a call; the message is told to the caller, with the members beside it."""

    def __init__(self, told: str, **members: object) -> None:
        super().__init__(told)
        self.members = members


class NotSignedInError(RefusalError):
    """The call carries no token that the desk can use."""


class ForbiddenError(RefusalError):
    """The caller's roles do not allow it; `by` is their subject."""

    def __init__(self, told: str, *, by: str) -> None:
        super().__init__(told)
        self.by = by


class NoSuchPathError(RefusalError):
    """Nothing is served there."""


class NoSuchVerbError(RefusalError):
    """Something is served there, to the verbs that `allowed` names."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self.allowed = sorted(allowed)
        super().__init__(f"This takes {', '.join(self.allowed)}.")


class NotThereError(RefusalError):
    """There is no such case, alert or outbox item."""


class UnreadableBodyError(RefusalError):
    """The body is not JSON."""


class UnknownMediaTypeError(RefusalError):
    """The body is said to be something else than JSON."""


class InvalidFieldsError(RefusalError):
    """Fields break a rule; `errors` maps each to the rule, never to what was sent."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        listed = [{"field": name, "message": rule} for name, rule in errors.items()]
        super().__init__("Some fields cannot be used as they are.", errors=listed)


class KeyMissingError(RefusalError):
    """The call has no idempotency key, or none that can be one."""


class KeyReusedError(RefusalError):
    """The idempotency key stands for another request."""


class VersionMissingError(RefusalError):
    """The call does not say which version of the case it speaks of."""


class StaleVersionError(RefusalError):
    """The case has changed since the operator saw it."""


class CaseHeldError(RefusalError):
    """Another operator works the case."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(f"{claim.name} is working on this case.", **held_by(claim))


class NotHolderError(RefusalError):
    """The operator does not hold the case; the members name who does, if anybody."""

    def __init__(self, claim: Claim | None) -> None:
        if claim is None:
            super().__init__("You do not hold this case. Claim it first.")
        else:
            super().__init__(f"{claim.name} holds this case, not you.", **held_by(claim))


class CaseClosedError(RefusalError):
    """The case is closed."""


class NewContactError(RefusalError):
    """The person wrote again since the operator saw the case."""


class WindowClosedError(RefusalError):
    """The platform takes no more answers to this person."""


class TextTooLongError(RefusalError):
    """The words are more than the platform takes at once; `parts` offers them in pieces that it takes."""

    def __init__(self, limit: Limit, text: str) -> None:
        super().__init__(
            f"This channel takes at most {limit.most} {limit.unit}. Send the text in parts.",
            limit=limit.most,
            unit=limit.unit,
            counted=limit.count(text),
            parts=split(text, limit),
        )


class NoSenderError(RefusalError):
    """The desk cannot write to people on this channel."""


class UnshowableFileError(RefusalError):
    """The file is kept, and is no picture that a screen can show."""


class NotWaitingError(RefusalError):
    """The outbox item does not wait for a person."""


class OwnApprovalError(RefusalError):
    """Who submitted a broadcast wants to approve it."""


class BytesChangedError(RefusalError):
    """The broadcast is not what was submitted, or not what the approver read."""


class ApprovalLapsedError(RefusalError):
    """More than 15 minutes have passed since its submission."""


class PublishingStoppedError(RefusalError):
    """All publishing is stopped."""


class WrongStateError(RefusalError):
    """The broadcast's state does not allow it."""


def held_by(claim: Claim) -> dict[str, object]:
    """Who holds a case, and until when, as a problem tells it."""
    return {"holder": claim.name, "until": to_rfc3339(claim.until)}
