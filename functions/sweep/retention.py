"""Every quarter of an hour: cases whose time is up are disposed of, and words that their writers took back.

What platforms ask to delete in a person's name is settled in the same run: one role alone deletes anything.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from contact_desk.clock import Clock
from contact_desk.disposal import DISPOSER, DisposalRun, Disposer, Rules
from contact_desk.force_file import ForceFile
from contact_desk.observability import count, logger, metrics
from contact_desk.ports import RecordFiles, Records
from contact_desk.subject_rights import SubjectRights
from functions.sweep import composition, data_deletions

GRACE = timedelta(hours=12)
"""How long words stay that their writer took back: their original may come after their end. Platforms give a day."""
AT_MOST = 100
"""Cases that one run disposes of: some ten thousand a day, and a mistake in a class is seen before it is complete."""


def dispose(disposer: Disposer, rules: Rules) -> DisposalRun:
    """Dispose of what is due, and count what waits for people."""
    done = disposer.run(rules, AT_MOST)
    count("CasesDisposed", done.disposed)
    count("CasesHeld", done.held)
    count("CasesToReview", done.to_review)
    return done


def forget_taken_back(records: Records, files: RecordFiles, force: ForceFile, clock: Clock) -> int:
    """Blank what its writer took back, on channels whose terms ask for it, unless its case is on hold; how many."""
    now, blanked = clock.now(), 0
    for taken in records.taken_back(now - GRACE):
        channel = force.channels.get(taken.channel)
        if channel is None or channel.keep_deleted:
            records.keep_taken_back(taken)
        elif not taken.held:
            belongings = records.belongings_of_contact(taken.contact_key)
            for key in belongings.evidence:
                files.delete_evidence(key)
            for key in belongings.deliveries:
                files.delete_delivery(key)
            records.blank(taken, now)
            blanked += 1
    count("ContactsBlanked", blanked)
    return blanked


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handle(_event: dict[str, Any], _context: object) -> None:
    """One run of the job."""
    disposer, requests, force = composition.retention()
    rights = SubjectRights(
        disposer.records, disposer, force.retention.classes, disposer.clock, DISPOSER, "data-deletion"
    )
    asked = data_deletions.settle(requests, rights, disposer.clock)
    blanked = forget_taken_back(disposer.records, disposer.files, force, disposer.clock)
    done = dispose(disposer, force.retention)
    logger.info(
        "retention swept",
        disposed=done.disposed,
        held=done.held,
        to_review=done.to_review,
        blanked=blanked,
        deletions_settled=asked.settled,
        deletions_waiting=asked.later,
        deletions_unmatched=asked.unmatched,
    )


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    composition.retention()
