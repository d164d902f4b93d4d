"""The data map as a page: for a data protection officer to read, and for the register of processing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cli.data_map.places import Place, Template, backups, places, readers
from cli.data_map.stored import Kind, kinds
from cli.data_map.words import of_field, of_kind, of_place, words
from contact_desk.force_file import ForceFile
from functions.operate.gate import RIGHTS

YES_OR_NO = {True: "yes", False: "no"}
HEADINGS = {
    "buckets": "Buckets",
    "queues": "Queues, each with its dead letters",
    "logs": "Logs",
    "places": "Topics, accounts, settings, credentials",
}


def data_map(template: Template, force: ForceFile, stage: str) -> str:
    """The page, in Markdown; raises NoWordsError where something is not described."""
    parts = [
        _head(force, stage),
        _regimes(force),
        _records(template),
        *(_section(name, places(template)) for name in HEADINGS),
        _others(force),
        _people(),
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def _head(force: ForceFile, stage: str) -> str:
    return f"""# Data map

Every kind of record and every place in which the desk keeps anything, for {force.name}, stage {stage}. Made by
`make data-map` (for another force by `desk privacy map --force NAME`) from the code that writes the records, the
template that is deployed and the force file; a test fails where a record, a field, a bucket, a queue or a log has no
words here.

{force.privacy.controller} is the controller; ask {force.privacy.officer}
({force.privacy.reach}). How the promises are kept: [records](records.md), [privacy](privacy.md).

`p` marks a field that says something of a person who wrote or of whom they speak, `s` one that names a member of staff.
"Functions" are those whose role lets them read such a record at all; every other function cannot.
"""


def _regimes(force: ForceFile) -> str:
    rows = [
        "## The two regimes\n",
        "Each case is under one of two laws, by its retention class; what that changes:\n",
        "| | law enforcement (Data Protection Act 2018, Part 3) | general (UK GDPR) |\n|---|---|---|",
        *(f"| {one['what']} | {one['law_enforcement']} | {one['general']} |" for one in words()["regimes"]),
        "",
        "| basis | law enforcement | general |\n|---|---|---|",
        *(
            f"| {one['name']} | {one['law_enforcement']} | {one['general']} |"
            for one in words()["bases"].values()
        ),
        "\nThe data protection officer confirms these before the desk goes live.\n",
        "## How long, by class\n",
        "| class | cases that ended as | regime | kept after closing | a person decides | request alone erases |",
        "|---|---|---|---|---|---|",
    ]
    for name, rule in force.retention.classes.items():
        ended = ", ".join(sorted(one.value.replace("_", " ") for one in rule.dispositions))
        regime, days = rule.regime.value.replace("_", " "), f"{rule.keep_days} days"
        asked = [YES_OR_NO[rule.review], YES_OR_NO[rule.erasable]]
        rows.append(f"| {' | '.join([name, ended, regime, days, *asked])} |")
    return "\n".join(rows) + "\n"


def _records(template: Template) -> str:
    days = backups(template)
    parts = [
        "## Records in the table\n",
        f"Its backups reach back {days} days: what was disposed of is in them until then. People alone restore them.\n",
    ]
    parts += [_record(kind, template) for kind in kinds()]
    return "\n".join(parts)


def _record(kind: Kind, template: Template) -> str:
    said = of_kind(kind.name)
    people = _roles(said["shown_by"])
    lines = [
        f"### {said['title']}\n",
        f"{said['holds']} Key: `{kind.pk}`.\n",
        "| | |\n|---|---|",
        f"| about | {said['about']} |",
        f"| purpose | {said['purpose']} |",
        f"| basis | {words()['bases'][said['basis']]['name']} |",
        f"| kept | {said['kept']} |",
        f"| people | {people} |",
        f"| functions | {', '.join(readers(template, kind.pk)) or 'none'} |",
        f"| indexes | {', '.join(kind.indexes) or 'none'} |",
        "",
        "| field | | what |\n|---|---|---|",
        *(_field(kind.name, one) for one in kind.fields),
        "",
    ]
    return "\n".join(lines)


def _field(kind: str, name: str) -> str:
    personal = words()["personal"]
    marks = [mark for mark, names in (("p", personal["fields"]), ("s", personal["staff"])) if name in names]
    return f"| `{name}` | {''.join(marks)} | {of_field(kind, name)} |"


def _roles(routes: Sequence[str]) -> str:
    """Who sees it on the screen, by the routes that show it."""
    roles = sorted({role.value for route in routes for role in RIGHTS[route]["GET"]})
    if not roles:
        return "nobody on the screen; `desk` commands with an administrator's rights, which are audited"
    restricted = any(route.startswith("/desk/cases") for route in routes)
    return ", ".join(roles) + ("; of a restricted case those named alone" if restricted else "")


def _section(name: str, found: Iterable[Place]) -> str:
    rows = [f"## {HEADINGS[name]}\n", "| place | holds | basis | kept |", "|---|---|---|---|"]
    alike: dict[tuple[str, str, str], list[str]] = {}
    for one in found:
        if one.section == name:
            said = of_place(name, one.name)
            basis = words()["bases"][said["basis"]]["name"]
            alike.setdefault((said["holds"], basis, one.kept), []).append(said.get("title", one.name))
    rows += [f"| {', '.join(names)} | {' | '.join(rest)} |" for rest, names in alike.items()]
    return "\n".join(rows) + "\n"


def _others(force: ForceFile) -> str:
    """To whom something goes, by the force file."""
    told = [
        (
            "the platform that the person wrote on",
            "answers, and nothing else of the case",
            sorted(force.platforms),
        ),
        (
            "who is called to alerts",
            "kind, rank, reference and link: no words",
            sorted(force.alert_recipients),
        ),
        ("outside systems with a hook", "the same", sorted(force.alert_hooks)),
    ]
    if force.second_reader:
        reader = [force.second_reader.model]
        told.append(("Amazon Bedrock, in London", "words with personal data masked", reader))
    rows = ["## Who else is given something\n", "| who | what | here |", "|---|---|---|"]
    rows += [f"| {who} | {what} | {', '.join(names) or 'nobody'} |" for who, what, names in told]
    return "\n".join(rows) + "\n"


def _people() -> str:
    rows = [
        "## Who may do what on the screen\n",
        "Roles are groups of the force's identity provider. Of a restricted case those named alone see anything.\n",
        "| role | may read |",
        "|---|---|",
    ]
    reads = _reads()
    rows += [f"| {role} | {', '.join(f'`{one}`' for one in paths)} |" for role, paths in reads]
    return "\n".join(rows) + "\n"


def _reads() -> Iterator[tuple[str, list[str]]]:
    roles: Mapping[str, list[str]] = {}
    found = dict(roles)
    for path, verbs in RIGHTS.items():
        for role in verbs.get("GET", ()):
            found.setdefault(role.value, []).append(path)
    yield from sorted(found.items())
