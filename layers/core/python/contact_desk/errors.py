"""The errors of the desk, drawn once.

ContactDeskError
├── MissingSettingError        an environment variable that the function needs is not set
├── ForceFileError             the force file is not there or breaks a rule
├── UnreadableJsonError        a body from outside is not JSON that can be read
├── InvalidReportError         an online report lacks something or breaks a rule
├── BroadcastStateError        what was asked of a broadcast is not possible in its state
├── MessageError               a queue message cannot be used
│   ├── MalformedMessageError  it is not a contact message
│   └── NewerMessageError      it was written by a later version of the desk
├── StoreError                 the table, a queue or the archive did not do what was asked
│   ├── StoreBusyError         it asked us to try again (conflict, throttling)
│   └── StoreRefusedError      it refused for a reason that another try does not change
├── ArchiveBusyError           the archive could not take the bytes
├── QueueRefusedError          a queue took only part of what it was given
└── SecretUnavailableError     a secret could not be read and none is at hand
    └── SecretNotSetError      nobody has put a value in it yet
"""

from __future__ import annotations

from collections.abc import Mapping


class ContactDeskError(Exception):
    """Anything the desk itself found wrong; `is_fault` says whether it may speak against the code that met it."""

    is_fault = True


class MissingSettingError(ContactDeskError):
    """An environment variable that the function needs is not set."""


class ForceFileError(ContactDeskError):
    """The force file is not there or breaks a rule; the message names file, line, field and what is allowed."""


class UnreadableJsonError(ContactDeskError):
    """A body from outside is not JSON that can be read, or not of the shape it must have; the message is a code."""


class InvalidReportError(ContactDeskError):
    """An online report lacks something or breaks a rule: `mistakes` maps each field's path to what is allowed.

    `emergency_now` is whether it says all the same that it is happening now.
    """

    def __init__(self, mistakes: Mapping[str, str], *, emergency_now: bool) -> None:
        super().__init__(f"{len(mistakes)} fields of the report are not as they must be")
        self.mistakes = mistakes
        self.emergency_now = emergency_now


class BroadcastStateError(ContactDeskError):
    """What was asked of a broadcast is not possible in the state that it is in."""

    def __init__(self, act: str, state: str) -> None:
        super().__init__(f"{act} is not possible while it is {state}")
        self.act = act
        self.state = state


class MessageError(ContactDeskError):
    """A queue message cannot be used."""


class MalformedMessageError(MessageError):
    """The queue message is not a contact message."""


class NewerMessageError(MessageError):
    """The queue message was written by a later version of the desk, so it must wait for a later reader."""


class StoreError(ContactDeskError):
    """The table, a queue or the archive did not do what was asked."""


class StoreBusyError(StoreError):
    """The store asked for another try: a conflict or throttling."""

    is_fault = False


class StoreRefusedError(StoreError):
    """The store refused for a reason that another try does not change."""


class ArchiveBusyError(StoreError):
    """The archive could not take the bytes, so nothing may be acknowledged."""


class QueueRefusedError(StoreError):
    """A queue took only part of what it was given, so nothing may be acknowledged."""


class SecretUnavailableError(StoreError):
    """A secret could not be read and no earlier copy of it is at hand."""


class SecretNotSetError(SecretUnavailableError):
    """The secret was read and holds no JSON object: nobody has put a value in it yet, or a wrong one."""
