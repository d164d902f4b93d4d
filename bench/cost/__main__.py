"""What a desk costs a month: `make cost`, or `python -m bench.cost`.

Plays and counts what a month is made of, synthesises the templates of a desk, and puts both with the price file into
`docs/cost.md`: the example force, live, and what an edge and a second reader add. `--force` and `--stage` print the
sheet of another desk instead.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import tomllib
from pathlib import Path

from bench.cost.environment import enter

enter()

# After it: handlers are imported with these, and make their clients then.
from audit.assemblies import synthesised  # noqa: E402
from bench.cost import durations  # noqa: E402
from bench.cost.counting import COUNTED, Counted, count  # noqa: E402
from bench.cost.page import extras, measured_line, sheet, sources, write  # noqa: E402
from bench.cost.sheet import HERE, Month, read_demand, read_prices  # noqa: E402
from bench.cost.stack import Stacks  # noqa: E402

SHOWN_FORCE, SHOWN_STAGE = "example", "live"
DESIGN = "design"


def main() -> int:
    """Count, synthesise, reckon; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description="What a desk costs a month.")
    parser.add_argument(
        "--force", help="a force file's name; without it docs/cost.md is written for the example"
    )
    parser.add_argument("--stage", default=SHOWN_STAGE, help="default: %(default)s")
    parser.add_argument("--measure", action="store_true", help="measure durations anew first (minutes)")
    options = parser.parse_args()
    if options.measure:
        print("==> durations", file=sys.stderr)
        durations.measure()
    with tempfile.TemporaryDirectory() as folder:
        print("==> templates", file=sys.stderr)
        stacks = Stacks.read(
            synthesised(Path(folder) / "plain", force=options.force or SHOWN_FORCE, stage=options.stage)
        )
        full = None
        if options.force is None:
            full = Stacks.read(
                synthesised(Path(folder) / "full", force=SHOWN_FORCE, stage=SHOWN_STAGE, everything=True)
            )
    print("==> one contact's whole way, and what is beside it", file=sys.stderr)
    counted = count(stacks.jobs)
    months = months_of(stacks, counted)
    shown = sheet(list(months.values()), design_of(months))
    if full is not None:
        COUNTED.write_text(json.dumps(counted.as_json(), indent=1) + "\n")
        added = extras(design_of(months), design_of(months_of(full, counted)))
        told = tomllib.loads((HERE / "prices.toml").read_text())["sources"]
        write([shown, added, measured_line(durations.kept()), sources(read_prices(), told)])
    print(shown)
    return 0


def months_of(stacks: Stacks, counted: Counted) -> dict[str, Month]:
    """A month at each profile, by the profile's name."""
    demand, prices, kept = read_demand(), read_prices(), durations.kept()
    return {
        name: Month(stacks, counted, kept, demand, prices, contacts)
        for name, contacts in demand["profiles"].items()
    }


def design_of(months: dict[str, Month]) -> Month:
    """The month that the desk is designed for."""
    (month,) = (month for name, month in months.items() if DESIGN in name)
    return month


if __name__ == "__main__":
    sys.exit(main())
