"""The secrets: is each that the force's channels need there, whole, of the right shape, and at one with the others?"""

from __future__ import annotations

from collections.abc import Iterator

from cli.examination.examined import Examined
from cli.examination.findings import Finding, fault, unknown, well


def look_at_secrets(on: Examined) -> Iterator[Finding]:
    """A finding for each secret that is not as it must be."""
    faults = 0
    hooks = {f"alert_hook_{name}" for name in on.force.alert_hooks}
    looked_at = {name: kind for name, kind in on.kinds.items() if not (on.stage.is_local and name in hooks)}
    for name, kind in looked_at.items():
        value = on.secret(name)
        lacking = kind.lacks(value)
        wrong = [mistake.partition(" must be ") for mistake in kind.mistakes(value)]
        who = f", for {', '.join(kind.needed_by)}" if kind.needed_by else ""
        if not value:
            faults += 1
            made = " --new" if all(one.made for one in kind.fields) else ""
            yield fault("secrets", f"{name} is not set{who}", on.set_secret(name) + made)
        else:
            for path in lacking:
                faults += 1
                made = " --new" if kind.field(path).made else ""
                yield fault("secrets", f"{name} lacks {path}{who}", on.set_secret(f"{name}.{path}") + made)
        for path, _, shown in wrong:
            faults += 1
            yield fault("secrets", f"{path} does not look like one: it must be {shown}", on.set_secret(path))
    ours, posting = (on.secret(name).get("consumer_secret") for name in ("x", "x_publishing"))
    if ours and posting and ours != posting:
        faults += 1
        found = "x.consumer_secret and x_publishing.consumer_secret differ: the app has one"
        yield fault("secrets", found, on.set_secret("x.consumer_secret"))
    if not faults:
        yield well("secrets", f"all {len(looked_at)} are set and of the right shape")
    if on.stage.is_local and hooks:
        yield unknown("secrets", f"the desk on this machine need not tell {', '.join(sorted(hooks))}")
