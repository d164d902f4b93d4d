"""`desk disclose`: the papers of one case for a court or another force, which prove themselves with sha256sum alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from botocore.exceptions import ClientError

from cli import deployed
from cli.audit import AsJson, StackName, everybody, note_reading, trail_of
from cli.bundles import write_bundle
from cli.case_papers import CasePapers, ReadEvidence
from cli.deployed import Deployed
from cli.retention import CaseId, ForceName, NotPossibleError, force_named
from contact_desk.force_file import ForceFile
from contact_desk.stores.case_desk import DynamoCaseDesk
from contact_desk.stores.dynamo import Table
from contact_desk.stores.originals import originals
from contact_desk.subject_rights import regime_of

Folder = Annotated[Path, typer.Option("--to", help="A new folder.", file_okay=False)]


def disclose(
    case_id: CaseId,
    *,
    folder: Folder,
    stack_name: StackName = None,
    force: ForceName = "merseyside",
    as_json: AsJson = False,
) -> None:
    """Write a case with its originals, hashes, timeline and who saw it into a folder; the audit says so first.

    Example: desk disclose 01JBNXQ0M0000000000000001A --to disclosure-4711
    """
    desk, now = deployed.find(stack_name), datetime.now(UTC)
    trail = trail_of(desk)
    papers = papers_of(desk, case_id, force_named(force), now, for_subject=False)
    note_reading(trail, case_id, "disclose", now)
    digest = write_bundle(folder, papers.files())
    # What was handed over can be told from any other by this, for as long as the audit is kept.
    note_reading(trail, case_id, f"disclosed {digest}", datetime.now(UTC))
    told = {"folder": str(folder), "sha256sums": digest, "originals": len(papers.originals)}
    typer.echo(json.dumps(told) if as_json else f"{folder}: sha256sum SHA256SUMS gives {digest}")


def papers_of(
    desk: Deployed, case_id: str, force: ForceFile, now: datetime, *, for_subject: bool
) -> CasePapers:
    """The papers of a case; raises NotPossibleError where there is none."""
    table = Table(desk.client("dynamodb"), desk.table_name)
    file = DynamoCaseDesk(table).case_file(case_id)
    if file is None:
        raise NotPossibleError("there is no such case")
    return CasePapers(
        file=file,
        originals=originals(table, case_id),
        # Who worked for the police is told to a court, and to the person only on request.
        seen=() if for_subject else everybody(trail_of(desk), case_id, now),
        read_evidence=evidence_reader(desk),
        zone=ZoneInfo(force.time_zone),
        made_at=now,
        for_subject=for_subject,
        regime=regime_of(force.retention.classes, file.case.retention_class),
    )


def evidence_reader(desk: Deployed) -> ReadEvidence:
    """Reads an object of the evidence; None where it is not there."""
    s3 = desk.client("s3")

    def read(key: str) -> bytes | None:
        try:
            body: bytes = s3.get_object(Bucket=desk.evidence_bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        return body

    return read
