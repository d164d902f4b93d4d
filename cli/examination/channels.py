"""Was each channel heard from lately: by people, and before anybody has written, by a test contact?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from cli.examination.examined import Examined
from cli.examination.findings import Finding, fault, unknown, well


def look_at_channels(on: Examined) -> Iterator[Finding]:
    """A finding for each channel of the force file."""
    log = on.account.channel_log(on.stack.outputs["TableName"])
    now = on.clock.now()
    for name, channel in on.force.channels.items():
        about, last = f"channel {name}", log.last_heard(name, channel.account)
        canary = log.last_canary(name, channel.account)
        if last is None and canary is None:
            yield fault(about, "never heard of: no contact and no test contact has come", on.connect(name))
        elif last is None and canary is not None:
            found = f"a test contact came at {_moment(canary.seen_at)}; nobody has written yet"
            yield unknown(about, found, "have a colleague write to the account from a private one")
        elif last is not None:
            odd = channel.odd_silence
            after = odd.odd_after(now.astimezone(ZoneInfo(on.force.time_zone))) if odd else None
            if after is not None and now - last >= after:
                hours = round((now - last).total_seconds() / 3600)
                found = f"silent for {hours} hours, which is odd at this hour: last heard {_moment(last)}"
                yield fault(about, found, on.connect(name))
            else:
                yield well(about, f"last heard {_moment(last)}")


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
