"""The keys of the desk's one table and its two indexes, built here and nowhere else.

pk                                sk                          desk index (what operators list)        due index
contact#<contact key>             contact                     -                                       -
contact#<contact key>             event#<event id>            -                                       taken_back
conversation#<conversation key>   conversation                -                                       -
case#<case id>                    case                        queue#<grade> | closed                  claims | retention
case#<case id>                    timeline#<time>#<name>      -                                       -
outbox#<outbox id>                outbox                      -                                       outbox#<shard>
alert#<alert id>                  alert                       alerts                                  alerts
attachments#<attachments id>      attachments                 -                                       attachments#<n>
receipt#<archive key>             receipt                     -                                       -
request#<operator>#<key>          request                     -                                       -
audit#<subject>                   <time>#<request id>         -                                       audit#<day>
quarantine#<queue>#<message id>   quarantine                  quarantine                              -
channel#<channel>#<account>       heard | canary              -                                       -
broadcast#<broadcast id>          broadcast                   broadcasts                              broadcasts
broadcast#<broadcast id>          answered#<outbox id>        -                                       -
shown                             <broadcast id>              -                                       -
picture#<sha-256>                 picture                     -                                       -
publishing                        publishing                  -                                       -
second_reads#<day>                allowance                   -                                       -
audit#override#<month>            <time>#<request id>         -                                       -
hold#<case id>                    hold                        holds                                   -
subject#<digest of a name>        <case id>                   -                                       -
subject#<digest of a name>        restricted                  -                                       -
disposal#<case id>                disposal                    disposals                               audit_disposal#<c>
disposal#<case id>                decision#<time>#<fate>      -                                       -
totals#<month>                    <hour>                      -                                       -
totals                            counted                     -                                       -
survey#<token>                    survey                      -                                       -
deletion#<code>                   deletion                    deletions                               deletions
audit#disposed#<hour>             <proof>                     -                                       -

What is counted (contacts, cases, what people did on them, texts, alerts, surveys) carries two attributes more: `hour`,
the hour that it counts in, and `changed`, the minute of its last change. Index `hours` shows an hour's facts, index
`changes` the hours in which something changed in a minute.
"""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime

from contact_desk.alerts import Alert
from contact_desk.cases import Case, CaseState
from contact_desk.clock import moment_of_ulid, to_rfc3339
from contact_desk.grades import Band, Grade

Key = dict[str, str]

DESK_INDEX = "desk"
DUE_INDEX = "due"
HOURS_INDEX = "hours"
CHANGES_INDEX = "changes"
OUTBOX_SHARDS = ATTACHMENTS_SHARDS = 8
ATTACHMENTS_PREFIX = "attachments#"
ALERTS, BROADCASTS, SHOWN = "alerts", "broadcasts", "shown"
ANSWERED_PREFIX = "answered#"
CLAIMS, CLOSED, QUARANTINE = "claims", "closed", "quarantine"
URGENT, NORMAL = "urgent", "normal"
RETENTION, DISPOSALS, DELETIONS = "retention", "disposals", "deletions"
TAKEN_BACK, HOLDS, RESTRICTED = "taken_back", "holds", "restricted"
DECISION_PREFIX = "decision#"
TIMELINE_PREFIX = "timeline#"
TOTALS = "totals"
KEPT_FIGURES = f"{TOTALS}#kept"
# What index `hours` shows beside its keys: facts, and never a word of anybody's.
COUNTED_FACTS = (
    "acknowledged_at", "answer", "case_id", "category", "channel", "closed_at", "country", "country_from",
    "created_at", "disposition", "facts", "grade", "kind", "language", "opened_at", "previous_case",
    "purpose", "rank", "sent_at", "signpost", "significant", "state", "surface", "survey",
)  # fmt: skip
DISPOSED_OF = (
    "alert#*", "attachments#*", "audit#override#*", "case#*", "contact#*",
    "conversation#*", "outbox#*", "subject#*", "survey#*",
)  # fmt: skip
"""The partitions that hold what belongs to a case and goes with it, as patterns for a role."""
# What a second reading touches.
SECOND_READER_PARTITIONS = ("contact#*", "conversation#*", "case#*", "alert#*", "outbox#*", "second_reads#*")


def contact(key: str) -> Key:
    """A contact, by its contact key."""
    return {"pk": f"contact#{key}", "sk": "contact"}


def contact_event(key: str, event_id: str) -> Key:
    """An edit or delete of a contact."""
    return {"pk": f"contact#{key}", "sk": f"event#{event_id}"}


def conversation(key: str) -> Key:
    """A conversation, by its conversation key."""
    return {"pk": f"conversation#{key}", "sk": "conversation"}


def case(case_id: str) -> Key:
    """A case."""
    return {"pk": f"case#{case_id}", "sk": "case"}


def timeline(case_id: str, at: datetime, name: str) -> Key:
    """One entry of a case's timeline: sorted by time, and the same name at the same time is the same entry."""
    return {"pk": f"case#{case_id}", "sk": f"{TIMELINE_PREFIX}{to_rfc3339(at)}#{name}"}


def outbox(outbox_id: str) -> Key:
    """An outbox item."""
    return {"pk": f"outbox#{outbox_id}", "sk": "outbox"}


def echo(channel: str, account: str, person: str, sign: str) -> Key:
    """What we have sent to a person, by the sign that will come back: the hash of its words, or the platform's name."""
    return {"pk": f"echo#{channel}#{account}#{person}#{sign}", "sk": "echo"}


def pace(lane: str) -> Key:
    """How fast an account may be called for one kind of item."""
    return {"pk": f"pace#{lane}", "sk": "pace"}


def alert(alert_id: str) -> Key:
    """An alert."""
    return {"pk": f"alert#{alert_id}", "sk": "alert"}


def attachments(attachments_id: str) -> Key:
    """What became of the attachments of a contact: a partition of its own, for a role that may touch nothing else."""
    return {"pk": f"{ATTACHMENTS_PREFIX}{attachments_id}", "sk": "attachments"}


def receipt(archive_key: str) -> Key:
    """The receipt of a delivery whose last contact was triaged."""
    return {"pk": f"receipt#{archive_key}", "sk": "receipt"}


def request(operator: str, idempotency_key: str) -> Key:
    """An operator's request and the answer it was given."""
    return {"pk": f"request#{operator}#{idempotency_key}", "sk": "request"}


def audit(subject: str, at: datetime, request_id: str) -> Key:
    """Who did what on a subject."""
    return {"pk": audit_partition(subject), "sk": f"{to_rfc3339(at)}#{request_id}"}


def audit_partition(subject: str) -> str:
    """The partition of everything that was done to a subject, or by a list shown to it."""
    return f"audit#{subject}"


def audit_in_due_index(subject: str, at: datetime, request_id: str) -> Key:
    """Where the due index shows an audit entry: all of one day, by time, for what seals and searches them."""
    return {"due_pk": audit_day(at.date()), "due_sk": f"{to_rfc3339(at)}#{subject}#{request_id}"}


def audit_day(day: date) -> str:
    """The due index's partition of one day's audit entries (UTC)."""
    return f"audit#{day.isoformat()}"


def retention_in_due_index(case_id: str, dispose_at: datetime) -> Key:
    """Where the due index shows a closed case, by the date on which its time is up."""
    return {"due_pk": RETENTION, "due_sk": f"{to_rfc3339(dispose_at)}#{case_id}"}


def taken_back_in_due_index(contact_key: str, at: datetime) -> Key:
    """Where the due index shows that a contact's writer took it back, until somebody has settled what that means."""
    return {"due_pk": TAKEN_BACK, "due_sk": f"{to_rfc3339(at)}#{contact_key}"}


def subject(name: str, case_id: str) -> Key:
    """That a case is that of a person, by one of the names that the person is found by."""
    return {"pk": subject_partition(name), "sk": case_id}


def restriction(name: str) -> Key:
    """That a new case of the person is restricted, and to whom, by one of the names that the person is found by."""
    return {"pk": subject_partition(name), "sk": RESTRICTED}


def subject_partition(name: str) -> str:
    """The partition of a person's cases by one of their names."""
    return f"subject#{name}"


def hold(case_id: str) -> Key:
    """The legal hold on a case."""
    return {"pk": f"hold#{case_id}", "sk": "hold"}


def hold_in_desk_index(case_id: str, review_on: date) -> Key:
    """Where the desk index shows a hold: by when somebody looks at it again."""
    return {"desk_pk": HOLDS, "desk_sk": f"{review_on.isoformat()}#{case_id}"}


def disposal(case_id: str) -> Key:
    """The record that a case was disposed of."""
    return {"pk": disposal_partition(case_id), "sk": "disposal"}


def decision(case_id: str, name: str) -> Key:
    """A person's decision on a case whose time has passed: beside the record of its disposal, which it outlives."""
    return {"pk": disposal_partition(case_id), "sk": f"{DECISION_PREFIX}{name}"}


def disposal_partition(case_id: str) -> str:
    """The partition of what was decided on a case's record, and of its end."""
    return f"disposal#{case_id}"


def disposal_in_desk_index(case_id: str, at: datetime) -> Key:
    """Where the desk index shows the record of a disposal: by time."""
    return {"desk_pk": DISPOSALS, "desk_sk": f"{to_rfc3339(at)}#{case_id}"}


def quarantine(queue: str, message_id: str) -> Key:
    """A message that three rounds of redriving could not save."""
    return {"pk": f"quarantine#{queue}#{message_id}", "sk": "quarantine"}


def heard(channel: str, account: str) -> Key:
    """When a channel account last brought a contact by itself."""
    return {"pk": f"channel#{channel}#{account}", "sk": "heard"}


def canary(channel: str, account: str) -> Key:
    """The last canary of a channel account."""
    return {"pk": f"channel#{channel}#{account}", "sk": "canary"}


def broadcast(broadcast_id: str) -> Key:
    """A broadcast with its copies."""
    return {"pk": f"broadcast#{broadcast_id}", "sk": "broadcast"}


def answered_with(broadcast_id: str, outbox_id: str) -> Key:
    """An answer to a person that carried the broadcast's link."""
    return {"pk": f"broadcast#{broadcast_id}", "sk": f"{ANSWERED_PREFIX}{outbox_id}"}


def shown(broadcast_id: str) -> Key:
    """That the public feed shows a broadcast: one partition, so that all of them are one consistent read."""
    return {"pk": SHOWN, "sk": broadcast_id}


def picture(sha256: str) -> Key:
    """A picture of a broadcast."""
    return {"pk": f"picture#{sha256}", "sk": "picture"}


def publishing() -> Key:
    """The switch of all publishing."""
    return {"pk": "publishing", "sk": "publishing"}


def broadcast_in_desk_index(broadcast_id: str) -> Key:
    """Where the desk index shows a broadcast: by age, which its ULID begins with."""
    return {"desk_pk": BROADCASTS, "desk_sk": broadcast_id}


def broadcast_in_due_index(broadcast_id: str, due_at: datetime) -> Key:
    """Where the due index shows a broadcast for which the clock has something to do."""
    return {"due_pk": BROADCASTS, "due_sk": f"{to_rfc3339(due_at)}#{broadcast_id}"}


def broadcast_of_due_index(due_sk: str) -> str:
    """The name of the broadcast that stands at a place of the due index."""
    return due_sk.split("#", 1)[1]


def second_reads(day: date) -> Key:
    """What the second reader has spent of a day's allowance, and whether it rests."""
    return {"pk": f"second_reads#{day.isoformat()}", "sk": "allowance"}


def override(at: datetime, request_id: str) -> Key:
    """An operator's override of what the machine decided: all of one month stand together."""
    return {"pk": override_partition(at), "sk": f"{to_rfc3339(at)}#{request_id}"}


def override_partition(at: datetime) -> str:
    """The partition of a month's overrides."""
    return f"audit#override#{to_rfc3339(at)[:7]}"


def quarantine_in_desk_index(queue: str, message_id: str, at: datetime) -> Key:
    """Where the desk index shows a quarantined message until it is released: oldest first."""
    return {"desk_pk": QUARANTINE, "desk_sk": f"{to_rfc3339(at)}#{queue}#{message_id}"}


def queue_partition(grade: Grade) -> str:
    """The desk index's partition of open and answered cases of one grade."""
    return f"queue#{grade.value}"


def queue_position(band: Band, answer_by: datetime, case_id: str) -> str:
    """Where a case stands among those of its grade: band, then `answer_by`, then age."""
    return f"{band.rank}#{to_rfc3339(answer_by)}#{case_id}"


def case_in_desk_index(stored: Case) -> Key:
    """Where the desk index shows a case: by grade while it is on the desk, by its closing afterwards."""
    if stored.state is CaseState.CLOSED and stored.closed_at is not None:
        return {"desk_pk": CLOSED, "desk_sk": f"{to_rfc3339(stored.closed_at)}#{stored.case_id}"}
    place = queue_position(stored.band, stored.answer_by, stored.case_id)
    return {"desk_pk": queue_partition(stored.grade), "desk_sk": place}


def alert_in_desk_index(stored: Alert) -> Key:
    """Where the desk index shows an open alert: worst rank first, then oldest."""
    place = f"{stored.rank.value}#{to_rfc3339(stored.opened_at)}#{stored.alert_id}"
    return {"desk_pk": ALERTS, "desk_sk": place}


def outbox_shard(outbox_id: str) -> str:
    """The due index's partition of an unsent item: spread, because a broadcast makes many at once."""
    return f"outbox#{zlib.crc32(outbox_id.encode('ascii')) % OUTBOX_SHARDS}"


def outbox_shards() -> list[str]:
    """Every partition of the due index that unsent items are spread over."""
    return [f"outbox#{shard}" for shard in range(OUTBOX_SHARDS)]


def outbox_in_due_index(outbox_id: str, *, urgent: bool, due_at: datetime) -> Key:
    """Where the due index shows an unsent item; the key itself says which queue it belongs on."""
    pace = URGENT if urgent else NORMAL
    return {"due_pk": outbox_shard(outbox_id), "due_sk": f"{to_rfc3339(due_at)}#{pace}#{outbox_id}"}


def outbox_of_due_index(due_sk: str) -> tuple[str, bool]:
    """The name of the item that stands at a place of the due index, and whether it is urgent."""
    _due_at, pace, outbox_id = due_sk.split("#", 2)
    return outbox_id, pace == URGENT


def attachments_shards() -> list[str]:
    """Every partition of the due index that uncopied attachments are spread over."""
    return [f"{ATTACHMENTS_PREFIX}{shard}" for shard in range(ATTACHMENTS_SHARDS)]


def attachments_in_due_index(attachments_id: str, due_at: datetime) -> Key:
    """Where the due index shows attachments that are still to be copied."""
    shard = zlib.crc32(attachments_id.encode("ascii")) % ATTACHMENTS_SHARDS
    return {"due_pk": f"{ATTACHMENTS_PREFIX}{shard}", "due_sk": f"{to_rfc3339(due_at)}#{attachments_id}"}


def attachments_of_due_index(due_sk: str) -> str:
    """The name of the record that stands at a place of the due index."""
    return due_sk.split("#", 1)[1]


def alert_in_due_index(alert_id: str, next_nudge_at: datetime) -> Key:
    """Where the due index shows an open alert."""
    return {"due_pk": ALERTS, "due_sk": f"{to_rfc3339(next_nudge_at)}#{alert_id}"}


def alert_of_due_index(due_sk: str) -> str:
    """The name of the alert that stands at a place of the due index."""
    return due_sk.split("#", 1)[1]


def claim_in_due_index(case_id: str, until: datetime) -> Key:
    """Where the due index shows a claimed case."""
    return {"due_pk": CLAIMS, "due_sk": f"{to_rfc3339(until)}#{case_id}"}


def hour_of(moment: datetime) -> str:
    """The hour of a moment as counting names it: `2026-11-02T12`, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H")


def changed_at(moment: datetime) -> str:
    """The minute of a change, as index `changes` names it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def counted(hour: datetime, changed: datetime) -> Key:
    """What has an item counted in an hour, and that hour counted anew after the change."""
    return {"hour": hour_of(hour), "changed": changed_at(changed)}


def counted_with_case(case_id: str | None, changed: datetime) -> Key:
    """The same for what belongs to a case: it counts in the hour in which its case was opened, which its ULID tells."""
    opened_at = moment_of_ulid(case_id) if case_id else None
    return counted(opened_at, changed) if opened_at else {}


def total(hour: datetime) -> Key:
    """The total of an hour: all of a month stand together."""
    name = hour_of(hour)
    return {"pk": totals_of_month(name), "sk": name}


def totals_of_month(hour: str) -> str:
    """The partition of the totals of an hour's month."""
    return f"{TOTALS}#{hour[:7]}"


def kept_figures(hour: str) -> Key:
    """What was disposed of and still counts in an hour."""
    return {"pk": f"{KEPT_FIGURES}#{hour}", "sk": "kept"}


def counted_until() -> Key:
    """Until which minute changes have been counted."""
    return {"pk": TOTALS, "sk": "counted"}


def survey(token: str) -> Key:
    """The question that a person was asked after their case, under the token of its link."""
    return {"pk": f"survey#{token}", "sk": "survey"}


def deletion(code: str) -> Key:
    """A platform's request to delete what the desk has of a person."""
    return {"pk": f"deletion#{code}", "sk": "deletion"}


def deletion_in_desk_index(code: str, asked_at: datetime) -> Key:
    """Where the desk index shows such a request until it is settled: oldest first."""
    return {"desk_pk": DELETIONS, "desk_sk": f"{to_rfc3339(asked_at)}#{code}"}


def deletion_in_due_index(code: str, look_at: datetime) -> Key:
    """Where the due index shows when the sweep looks at it next."""
    return {"due_pk": DELETIONS, "due_sk": f"{to_rfc3339(look_at)}#{code}"}


def audit_disposal(hour: datetime, proof: str) -> Key:
    """The record that audit entries of an hour were disposed of."""
    return {"pk": audit_disposals_of_hour(hour), "sk": proof}


def audit_disposals_of_hour(hour: datetime) -> str:
    """The partition of the records of an hour."""
    return f"audit#disposed#{hour_of(hour)}"


def audit_disposals_of_class(retention_class: str | None) -> str:
    """The due index's partition of disposed cases of a class whose audit is still there."""
    return f"audit_disposal#{retention_class or ''}"


def audit_in_due_of_disposal(case_id: str, retention_class: str | None, disposed_at: datetime) -> Key:
    """Where the due index shows that the audit of a disposed case is still there."""
    place = f"{to_rfc3339(disposed_at)}#{case_id}"
    return {"due_pk": audit_disposals_of_class(retention_class), "due_sk": place}
