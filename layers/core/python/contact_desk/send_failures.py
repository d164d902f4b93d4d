"""Why something was not sent, not yet sent, or perhaps sent: the codes that an outbox item keeps.

A platform's own words never leave the sender: they may quote the person's.
"""

from __future__ import annotations

from enum import StrEnum


class SendFailure(StrEnum):
    """A short code, and by `told` the sentence that an operator reads for it."""

    UNREACHABLE = "unreachable"
    THROTTLED = "throttled"
    CREDENTIALS_REFUSED = "credentials_refused"
    CREDENTIALS_MISSING = "credentials_missing"
    CREDENTIALS_UNREADABLE = "credentials_unreadable"
    ALERTS_UNREACHABLE = "alerts_unreachable"
    FEED_BUSY = "feed_busy"
    OUT_OF_TIME = "out_of_time"
    WORKER_LOST = "worker_lost"
    NO_ANSWER = "no_answer"
    SERVER_ERROR = "server_error"
    UNREADABLE_ANSWER = "unreadable_answer"
    NOT_FOUND = "not_found"
    WINDOW_CLOSED = "window_closed"
    PERSON_UNREACHABLE = "person_unreachable"
    NO_SUCH_PERSON = "no_such_person"
    TARGET_GONE = "target_gone"
    ALREADY_REPLIED = "already_replied"
    DUPLICATE_TEXT = "duplicate_text"
    CONTENT_BLOCKED = "content_blocked"
    PERMISSION_MISSING = "permission_missing"
    BAD_REQUEST = "bad_request"
    REFUSED = "refused"
    NO_SENDER = "no_sender"
    TEXT_TOO_LONG = "text_too_long"
    NOT_MENTIONED = "not_mentioned"
    OPTED_OUT = "opted_out"
    TEMPLATE_REFUSED = "template_refused"
    ALLOWANCE_SPENT = "allowance_spent"
    PACED = "paced"
    ACCOUNT_RESTING = "account_resting"
    CANNOT_LOOK = "cannot_look"
    NOT_DELIVERED = "not_delivered"
    PUBLISHING_STOPPED = "publishing_stopped"
    APPROVAL_LAPSED = "approval_lapsed"
    NOT_APPROVED = "not_approved"
    WAITS_FOR_ANOTHER = "waits_for_another"
    NOT_READY = "not_ready"
    DESK_UNREADABLE = "desk_unreadable"
    PICTURE_MISSING = "picture_missing"
    TABLE_RESTORED = "table_restored"

    @property
    def told(self) -> str:
        """What an operator reads."""
        return _TOLD[self]


_TOLD = {
    SendFailure.UNREACHABLE: "The platform could not be reached. Nothing was sent; the desk tries again by itself.",
    SendFailure.THROTTLED: "The platform asked us to slow down. Nothing was sent; the desk tries again by itself.",
    SendFailure.CREDENTIALS_REFUSED: "The platform refused the force's access token. It waits for a new token.",
    SendFailure.CREDENTIALS_MISSING: "There is no access token for this account. It waits for one.",
    SendFailure.CREDENTIALS_UNREADABLE: "The access token could not be read. The desk tries again by itself.",
    SendFailure.ALERTS_UNREACHABLE: "The alert could not be published. The desk tries again by itself.",
    SendFailure.FEED_BUSY: "The public feed could not be brought up to date. The desk tries again by itself.",
    SendFailure.OUT_OF_TIME: "The desk ran out of time before it sent this. It tries again by itself.",
    SendFailure.WORKER_LOST: "The desk was interrupted while it sent this. It may have arrived.",
    SendFailure.NO_ANSWER: "The platform did not answer. It may have arrived.",
    SendFailure.SERVER_ERROR: "The platform reported an error of its own. It may have arrived.",
    SendFailure.UNREADABLE_ANSWER: "The platform's answer could not be read. It may have arrived.",
    SendFailure.NOT_FOUND: "The platform does not show it, again and again. It has probably not arrived.",
    SendFailure.WINDOW_CLOSED: "The person last wrote too long ago for the platform to let us answer.",
    SendFailure.PERSON_UNREACHABLE: "The person cannot be written to: they may have blocked the page.",
    SendFailure.NO_SUCH_PERSON: "The platform knows no such person.",
    SendFailure.TARGET_GONE: "The comment is gone, so nothing can be sent under it.",
    SendFailure.ALREADY_REPLIED: "The comment has had its one private reply already, from another tool.",
    SendFailure.DUPLICATE_TEXT: "The same words stand there already, from another tool.",
    SendFailure.CONTENT_BLOCKED: "The platform does not accept this text.",
    SendFailure.PERMISSION_MISSING: "The force's page has not given the desk the right to do this.",
    SendFailure.BAD_REQUEST: "The platform does not accept this request.",
    SendFailure.REFUSED: "The platform refused it.",
    SendFailure.NO_SENDER: "The desk cannot write to people on this channel. Nothing was sent.",
    SendFailure.TEXT_TOO_LONG: "The text is longer than the platform takes. Send it in parts.",
    SendFailure.NOT_MENTIONED: "X lets us answer only posts that mention or quote the force.",
    SendFailure.OPTED_OUT: "The person has asked this number to stop. Only they can start it again.",
    SendFailure.TEMPLATE_REFUSED: "WhatsApp does not accept the template that the force file names.",
    SendFailure.ALLOWANCE_SPENT: "The account's allowance with the platform is used up. It waits for a new one.",
    SendFailure.PACED: "The platform takes only so many of these in its time. The desk sends it as soon as it may.",
    SendFailure.ACCOUNT_RESTING: "The platform fails again and again. The desk tries one at a time until it works.",
    SendFailure.CANNOT_LOOK: "The platform does not let us look. Only its own confirmation, or a person, can say.",
    SendFailure.NOT_DELIVERED: "The platform took it and then said that it did not arrive.",
    SendFailure.PUBLISHING_STOPPED: "Publishing is stopped. Nothing was sent; it waits until a supervisor starts it.",
    SendFailure.APPROVAL_LAPSED: "It was not started within 15 minutes of its approval. Nothing was sent.",
    SendFailure.NOT_APPROVED: "These are not the words that two people approved. Nothing was sent.",
    SendFailure.WAITS_FOR_ANOTHER: "It waits until the desk knows what became of the copy that stands there.",
    SendFailure.NOT_READY: "The platform is still preparing the picture. The desk asks again by itself.",
    SendFailure.DESK_UNREADABLE: "The desk could not read its own records. Nothing was sent; it tries again by itself.",
    SendFailure.PICTURE_MISSING: "The channel needs a picture and there is none. Nothing was sent.",
    SendFailure.TABLE_RESTORED: "The desk's records were restored. It may have been sent before and have arrived.",
}
