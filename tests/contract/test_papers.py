"""The papers of a case, from the real stores to a folder that a public hash tool proves."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli import deployed
from cli.deployed import Deployed
from cli.main import app
from contact_desk.attachments import CopyState
from contact_desk.audit_chain import HOUR
from contact_desk.audit_sealing import seal_hour
from contact_desk.case_desk import AuditEntry, CaseChange, Committed
from contact_desk.cases import CaseState
from contact_desk.contacts import Act, Attachment, Contact, Person
from contact_desk.retention import LegalHold
from contact_desk.stores.attachment_store import DynamoAttachments
from contact_desk.stores.audit_trail import DynamoAuditTrail
from contact_desk.stores.records import DynamoRecords
from contact_desk.stores.seal_vault import S3SealVault
from contact_desk.timeline import EntryKind, TimelineEntry
from local.addresses import REGION
from local.twins.held_still import NOON
from tests.builders import CASE_ID, contact
from tests.contract.conftest import Backend, standing
from tests.contract.desk_stage import Stage, act_record, on
from tests.desk_staging import admit

PERSON = "98172635"
RAW = '{"message": {"text": "Mr Evans of 7 Hope Street shouted, ring 0151 777 4000 — <b>café</b>"}}'
TEXT = "Mr Evans of 7 Hope Street shouted, ring me on 07700 900123 <script>alert(1)</script>"
LARGE = json.dumps({"message": {"text": "long " * 8_000}})
PHOTO = b"the bytes of a photo"
NOTE = "The neighbour is known to us."
SHA256SUM = shutil.which("sha256sum")


class Desk:
    """A deployed desk with one case, on moto."""

    def __init__(self, backend: Backend) -> None:
        self.backend, self.stage = backend, on(backend)
        self.s3 = backend.client("s3")
        for bucket in ("evidence", "archive"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self.s3.create_bucket(
            Bucket="audit",
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectLockEnabledForBucket=True,
        )
        secret = backend.client("secretsmanager").create_secret(
            Name="audit_key", SecretString='{"key": "key"}'
        )
        self.deployed = Deployed(
            session=boto3.Session(
                region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
            ),
            endpoint_url=None,
            table_name=backend.table_name,
            archive_bucket="archive",
            queues={},
            secret_ids={},
            hold_parameter="hold",
            public_url="https://desk.invalid",
            evidence_bucket="evidence",
            audit_bucket="audit",
            audit_key=secret["ARN"],
        )
        self.trail = DynamoAuditTrail(backend.table)

    def staged(self) -> Stage:
        """A message with a photo, a large edit kept in the evidence, a note, and somebody who looked."""
        message = self.message()
        admit(self.stage.intake, message, now=NOON)
        edit = replace(message, act=Act.EDITED, event_id="edit-1", text="long", raw=LARGE, attachments=())
        admit(self.stage.intake, edit, raw_pointer="events/large.json", now=NOON)
        self.s3.put_object(Bucket="evidence", Key="events/large.json", Body=LARGE.encode())
        attachments = DynamoAttachments(self.backend.table)
        (name,) = attachments.due(NOON + timedelta(days=1), 5)
        claimed = attachments.claim(name, token="t", now=NOON, lease_until=NOON + timedelta(days=1))
        assert claimed
        digest = hashlib.sha256(PHOTO).hexdigest()
        kept = replace(
            claimed.copies[0],
            state=CopyState.KEPT,
            key="attachments/photo",
            sha256=digest,
            media_type="image/jpeg",
            size=len(PHOTO),
        )
        attachments.record(replace(claimed, copies=(kept,), due_at=None))
        self.s3.put_object(Bucket="evidence", Key="attachments/photo", Body=PHOTO)
        before = self.stage.stored(CASE_ID)
        note = TimelineEntry(NOON, EntryKind.NOTE, "note#1", by="Alex Jones", text=NOTE)
        after = replace(
            before,
            version=2,
            state=CaseState.CLOSED,
            closed_at=NOON,
            retention_class="service",
            dispose_at=NOON + timedelta(days=365),
        )
        assert self.stage.desk.commit(CaseChange(before, after, (note,)), act_record()) == Committed()
        self.trail.note(AuditEntry(CASE_ID, NOON, "sub-alex", "open", "request-1"))
        self.trail.note(AuditEntry("sub-bo", NOON, "sub-bo", "list", "request-2", (CASE_ID, "another")))
        return self.stage

    def message(self) -> Contact:
        return contact(
            TEXT,
            person=Person(PERSON, "Ceri Pritchard"),
            raw=RAW,
            attachments=(Attachment("image", "image/jpeg", "https://scontent.xx.fbcdn.net/photo.jpg"),),
        )


@pytest.fixture
def desk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with standing("moto", request) as backend:
        made = Desk(backend)
        monkeypatch.setattr(deployed, "find", lambda _stack_name: made.deployed)
        made.staged()
        yield made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def done(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def verified(folder: Path) -> bool:
    """What a public tool says, which knows nothing of the desk."""
    assert SHA256SUM, "sha256sum is a part of every Linux"
    checked = subprocess.run(
        [SHA256SUM, "--quiet", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=False
    )
    return checked.returncode == 0


class Page(HTMLParser):
    """What a page says and leads to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not {"src", "href", "onclick"} & {name for name, _ in attrs}, "the page leads elsewhere"

    def handle_data(self, data: str) -> None:
        self.words += data


@contextmanager
def changed(path: Path, body: bytes) -> Iterator[None]:
    before = path.read_bytes()
    path.write_bytes(body)
    yield
    path.write_bytes(before)


def test_a_disclosure_proves_itself_with_a_public_tool_and_any_change_is_found(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "disclosure"
    told = json.loads(done("disclose", CASE_ID, "--to", str(folder), "--json"))

    assert verified(folder)
    assert told["sha256sums"] == hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()} | {
        "SHA256SUMS"
    }
    for name in files - {"SHA256SUMS"}:
        body = (folder / name).read_bytes()
        with changed(folder / name, body[:-1] + bytes([body[-1] ^ 1])):
            assert not verified(folder), name
    assert verified(folder)
    assert run("disclose", CASE_ID, "--to", str(folder)).exit_code != 0
    del desk


def test_originals_are_byte_for_byte_what_came_with_the_hash_of_that_moment(
    desk: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "disclosure"
    done("disclose", CASE_ID, "--to", str(folder))
    papers = json.loads((folder / "case.json").read_text())

    first, edit = papers["originals"]
    bodies = {one["event_id"]: (folder / one["file"]).read_bytes() for one in (first, edit)}
    assert bodies == {None: RAW.encode(), "edit-1": LARGE.encode()}
    for one in (first, edit):
        assert one["sha256"] == hashlib.sha256(bodies[one["event_id"]]).hexdigest()
        assert one["delivery_sha256"] == "ab" * 32
    assert (first["platform_id"], first["received_at"]) == ("m_1", "2026-11-02T12:00:00.000Z")
    (photo,) = papers["attachments"]
    assert (folder / photo["file"]).read_bytes() == PHOTO
    assert photo["file"] == f"attachments/{hashlib.sha256(PHOTO).hexdigest()}.jpg"
    del desk


def test_the_page_tells_the_whole_case_runs_nothing_and_says_who_saw_it(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "disclosure"
    done("disclose", CASE_ID, "--to", str(folder))
    page = Page((folder / "case.html").read_text())

    for words in (TEXT, NOTE, "Alex Jones", "Ceri Pritchard", "sub-alex", "sub-bo", "Young people on bikes"):
        assert words in page.words
    assert not {"script", "img", "link", "iframe", "mark"} & set(page.tags)
    acts = [one.act for one in desk.trail.of(CASE_ID)]
    digest = hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    assert acts == ["note", "open", "disclose", f"disclosed {digest}"] or set(acts) == {
        "note",
        "open",
        "disclose",
        f"disclosed {digest}",
    }


def test_a_person_gets_all_of_theirs_with_others_marked_and_staff_unnamed(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    done("subject", "export", "--address", f"messenger:{PERSON}", "--to", str(folder))

    assert verified(folder)
    (html,) = folder.rglob("case.html")
    text = html.read_text()
    page = Page(text)
    assert NOTE in page.words
    assert "Ceri Pritchard" in page.words
    assert "staff" in page.words
    assert "Alex" not in page.words
    assert "sub-" not in page.words
    assert "<mark title='name'>" in text.replace('"', "'")
    marked = [
        one["kind"] for one in json.loads((html.parent / "case.json").read_text())["timeline"][0]["others"]
    ]
    assert marked == ["name", "address", "phone"]
    assert [one.act for one in desk.trail.of(CASE_ID)][-2:] in (
        ["subject found", "export"],
        ["export", "subject found"],
    )


def test_an_export_names_its_regime_and_says_first_where_part_3_may_limit_it(
    desk: Desk, tmp_path: Path
) -> None:
    def exported(name: str) -> tuple[str, str]:
        done("subject", "export", "--address", f"messenger:{PERSON}", "--to", str(tmp_path / name))
        (html,) = (tmp_path / name).rglob("case.html")
        regime: str = json.loads((html.parent / "case.json").read_text())["case"]["regime"]
        return regime, Page(html.read_text()).words

    regime, words = exported("general")
    assert (regime, "Part 3" in words) == ("general", False)
    desk.stage.change(desk.stage.stored(CASE_ID), retention_class="crime")
    regime, words = exported("law_enforcement")
    assert (regime, "Part 3" in words) == ("law_enforcement", True)
    done("disclose", CASE_ID, "--to", str(tmp_path / "disclosed"))
    assert "Part 3" not in Page((tmp_path / "disclosed" / "case.html").read_text()).words


def test_find_tells_what_stands_against_erasing_and_erase_says_why(desk: Desk) -> None:
    (found,) = map(
        json.loads, done("subject", "find", "--address", f"messenger:{PERSON}", "--json").splitlines()
    )
    assert (found["case_id"], found["state"], found["regime"], found["erasable"]) == (
        CASE_ID,
        "closed",
        "general",
        True,
    )
    assert "shouted" not in json.dumps(found)
    assert "erasable" in done("subject", "erase", "--reference", found["reference"])

    records = DynamoRecords(desk.backend.table)
    done("retention", "hold", CASE_ID, "--reason", "civil claim", "--review-on", "2027-05-01")
    kept = run("subject", "erase", "--reference", found["reference"], "--yes")
    assert (kept.exit_code, "civil claim" in kept.output) == (1, True)
    (hold,) = records.holds()
    assert isinstance(hold, LegalHold)
    assert hold.review_on == date(2027, 5, 1)
    assert "civil claim" in done("retention", "holds")

    done("retention", "lift", CASE_ID)
    assert "erased" in done("subject", "erase", "--reference", found["reference"], "--yes")
    assert done("subject", "find", "--reference", found["reference"]) == ""
    (gone,) = map(json.loads, done("retention", "disposed", "--json").splitlines())
    assert (gone["why"], gone["files"], gone["case_id"]) == ("request", 2, CASE_ID)
    versions = desk.s3.list_object_versions(Bucket="evidence")
    assert "Versions" not in versions
    assert "DeleteMarkers" not in versions


def test_a_case_is_restricted_and_shown_again_and_unknown_ones_are_told(desk: Desk) -> None:
    done("subject", "restrict", CASE_ID, "--to", "sub-alex")
    assert desk.stage.stored(CASE_ID).restricted_to == ("sub-alex",)
    done("subject", "restrict", CASE_ID, "--lift")
    assert desk.stage.stored(CASE_ID).restricted_to is None
    for arguments in (
        ("subject", "restrict", "01HNOBODY"),
        ("retention", "lift", "01HNOBODY"),
        ("retention", "decide", "01HNOBODY", "dispose", "--reason", "r"),
        ("subject", "find"),
        ("subject", "find", "--address", "24601"),
        ("retention", "decide", CASE_ID, "keep", "--reason", "r"),
    ):
        assert run(*arguments).exit_code != 0, arguments


def test_decisions_and_the_review_list_go_through_the_commands(desk: Desk) -> None:
    assert done("retention", "review") == ""
    done("retention", "decide", CASE_ID, "keep", "--until", "2031-01-01", "--reason", "an appeal")
    record = DynamoRecords(desk.backend.table).record(CASE_ID)
    assert record
    assert record.dispose_at
    assert record.dispose_at.year == 2031


def test_who_saw_a_case_and_what_a_person_saw_are_told_and_the_chain_is_proved(desk: Desk) -> None:
    seen = [json.loads(line) for line in done("audit", "who", CASE_ID, "--json").splitlines()]
    assert {(one["by"], one["act"]) for one in seen} >= {("sub-alex", "open"), ("sub-bo", "list")}
    assert all(one["subject"] == CASE_ID for one in seen)
    told = done("audit", "what", "sub-bo", "--from", "2026-11-02", "--to", "2026-11-03")
    assert "list" in told
    assert "sub-alex" not in told

    vault = S3SealVault(desk.s3, "audit")
    seal_hour(NOON, desk.trail, vault, b"key")
    # Nothing was sealed since, as after a long outage: the first hour that lacks its seal is named.
    broken = run("audit", "verify", "--json")
    proof = json.loads(broken.output)
    assert (broken.exit_code, proof["seals"], proof["entries"]) == (1, 1, 3)
    assert proof["first_break"]["hour"] == f"{NOON + HOUR:%Y-%m-%dT%H}:00:00.000Z"
    assert proof["first_break"]["what"] == "the hour has no seal"
