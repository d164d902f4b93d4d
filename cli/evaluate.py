"""`desk evaluate FILE`: triage against a labelled JSON-lines file; totals and slices, never rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from cli.evaluation import judge, missed, told
from cli.local_reader import local_reader
from cli.second_reader_scores import reading_twice
from functions.triage.first_reader import Reading, Utterance
from functions.triage.second_reads.bedrock import BedrockModel, bedrock_client
from functions.triage.second_reads.prompt import PROMPT_VERSION
from training.bank import read_lines

EXAMPLE = "Example: desk evaluate labelled.jsonl --misses"


def evaluate(
    file: Annotated[
        Path, typer.Argument(help="Labelled lines, one JSON object each.", exists=True, dir_okay=False)
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="All figures as one JSON object.")] = False,
    misses: Annotated[bool, typer.Option("--misses", help="List missed emergencies, by id alone.")] = False,
    second_reader: Annotated[
        str | None,
        typer.Option(
            help="Have this model on Amazon Bedrock (its id, or an inference profile's) read again what is not red. "
            "Lines are sent masked, with your own AWS credentials, and cost money."
        ),
    ] = None,
    answer_within_seconds: Annotated[int, typer.Option(min=1, max=60, help="Of the second reader.")] = 10,
) -> None:
    """How triage does on labelled messages: recall, false alarms, categories, grades, language, time."""
    reader, lines, console = local_reader(), read_lines(file), Console(stderr=True)
    read: Callable[[Utterance], Reading] = reader.reading
    if second_reader:
        read = reading_twice(read, BedrockModel(bedrock_client(answer_within_seconds), second_reader))
    judged = judge(
        track(lines, "reading", console=console, transient=True, disable=as_json or not console.is_terminal),
        read,
    )
    answer = {**told(judged), "version": reader.version}
    if second_reader:
        answer["second_reader"] = {"model": second_reader, "prompt": PROMPT_VERSION}
    if misses:
        answer["misses"] = missed(judged)
    if as_json:
        print(json.dumps(answer))
        return
    _print(answer)


def _print(answer: dict[str, Any]) -> None:
    danger, category, grade = answer["emergency"], answer["category"], answer["grade"]
    low, high = danger["interval"]
    table = Table(
        title=f"{answer['rows']} messages, {answer['version']}", title_justify="left", show_header=False
    )
    rows = [
        ("emergencies found (red and amber)", f"{danger['recall']:.1%} (95 %: {low:.1%} to {high:.1%})"),
        ("false alarms (red and amber)", f"{danger['false_alarm_rate']:.1%}"),
        ("red alone: found, false", f"{danger['red_recall']:.1%}, {danger['red_false_alarm_rate']:.1%}"),
        ("category: macro-F1, among three", f"{category['macro_f1']:.3f}, {category['top3']:.1%}"),
        ("category: shown, of those right", f"{category['shown']:.1%}, {category['shown_right']:.1%}"),
        (
            "grade: right, too low, by two",
            f"{grade['accuracy']:.1%}, {grade['under']:.1%}, {grade['under_by_two']:.1%}",
        ),
        (
            "significant kept, others put aside",
            f"{answer['significant']['kept']:.1%}, {answer['significant']['removed']:.1%}",
        ),
        ("language", f"{answer['language']['accuracy']:.1%}"),
        (
            "milliseconds: median, 95th",
            f"{answer['milliseconds']['median']}, {answer['milliseconds']['p95']}",
        ),
    ]
    for row in rows:
        table.add_row(*row)
    console = Console()
    console.print(table)
    slices = Table("slice", "rows", "emergencies", "found", "false alarms")
    for name, parts in answer["slices"].items():
        for value, part in parts.items():
            found = f"{part['recall']:.0%}" if part["emergencies"] else ""
            cells = [f"{part['rows']}", f"{part['emergencies']}", found, f"{part['false_alarm_rate']:.0%}"]
            slices.add_row(f"{name} {value}", *cells)
    console.print(slices)
    for identity in answer.get("misses", []):
        console.print(f"missed {identity}", highlight=False)
