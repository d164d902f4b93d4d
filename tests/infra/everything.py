"""A force that asks for everything that settings can: what the test of the whole is synthesised with."""

from __future__ import annotations

from pathlib import Path

from contact_desk.force_file import ForceFile, load_force_file
from contact_desk.second_reader import SecondReader
from contact_desk.stage_rules import StageRules

MODEL = "anthropic.a-model-v1:0"
ACCOUNT = "111122223333"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/zone/boundary"
OBJECTS_KEY = f"arn:aws:kms:eu-west-2:{ACCOUNT}:key/mrk-0123456789abcdef0123456789abcdef"
MESSAGES_KEY = f"arn:aws:kms:eu-west-2:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
LOGS_KEY = f"arn:aws:kms:eu-west-2:{ACCOUNT}:key/22345678-1234-1234-1234-123456789012"
DESTINATION = "arn:aws:logs:eu-west-2:444455556666:destination:central"
DOMAIN = "contact.merseyside.example"
STAGE = StageRules.model_validate(
    {
        "permission_boundary": BOUNDARY,
        "tags": {"CostCentre": "4711", "Classification": "OFFICIAL-SENSITIVE"},
        "keys": {"objects": OBJECTS_KEY, "messages": MESSAGES_KEY, "logs": LOGS_KEY},
        "log_destination": {"arn": DESTINATION},
        "reserved_concurrency": False,
        "runbooks": "https://wiki.example/desk/operate",
        "edge": {
            "domain": DOMAIN,
            "hosted_zone": {"id": "Z0123456789ABCDEFGHIJ", "name": "merseyside.example"},
            "requests_in_five_minutes": 2500,
        },
    }
)


def with_everything(path: Path) -> ForceFile:
    """The force file of that path, and all that it may have beside."""
    reader = SecondReader(model=MODEL, inference_profile="abcdefgh1234", reads_a_day=5000)
    return load_force_file(path).model_copy(update={"second_reader": reader, "stages": {"live": STAGE}})
