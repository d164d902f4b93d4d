"""`python -m training`: gather the bank, train what ships, and say how it does on hands it has not heard.

python -m training gather FOLDER    bring hands and their second readings into training/bank
python -m training count            each hand's lines, emergencies and languages, the bank's grades and categories
python -m training train            the model of functions/triage/model, with its figures (`make train`)
python -m training curve            what more hands and more lines have brought
python -m training together         rules and model together on hands left out (after train)
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from functions.triage.language import FILE as LANGUAGES
from functions.triage.rule_set import load_rules
from functions.triage.sentence_encoder import FILE
from functions.triage.trained_model import FOLDER as MODEL
from functions.triage.trained_model import load_model
from training import (
    concept_lists,
    encoder_weights,
    gathering,
    heard_together,
    language_weights,
    left_out_figures,
    together,
)
from training.bank import load_bank
from training.counting import counted
from training.learnt import (
    chances,
    each_left_out,
    grade_leans_of,
    material,
    sharpness_of,
    thresholds,
    write,
)
from training.linear_heads import WIDTHS
from training.sentences import KEPT

RED, AMBER = 0.035, 0.0775
"""Shares of false alarms that the two thresholds are set for on hands left out; the rules have the rest of a tenth."""
FIGURES = Path(__file__).parent / "left_out.json"
CURVE = Path(__file__).parent / "curve.json"
STEPS = (4, 8, 16, 24)


def main() -> int:
    """Run one of the commands; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("gather").add_argument("folder", type=Path)
    commands.add_parser("count")
    commands.add_parser("train")
    commands.add_parser("curve")
    commands.add_parser("together")
    options = parser.parse_args()
    if options.command == "gather":
        print(" ".join(f"{name}={count}" for name, count in gathering.gather(options.folder).items()))
        return 0
    if options.command == "count":
        print("\n".join(counted(load_bank())))
        return 0
    return {"train": train, "curve": curve, "together": both_together}[options.command]()


def train() -> int:
    """Train, write the model, and write and print the figures on hands left out."""
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {what}", file=sys.stderr, flush=True)

    bank = load_bank()
    concept_lists.pack(MODEL, bank)
    if not (MODEL / FILE).exists():
        encoder_weights.pack(MODEL, [line.text for line in bank])
    say(f"{len(bank)} lines")
    if not (MODEL / LANGUAGES).exists():
        language_weights.pack(MODEL)
    made = material(bank, MODEL)
    say("tables")
    apart = each_left_out(made)
    say("each hand left out")
    each = sharpness_of(apart, made.truth)
    logits = heard_together.on_hands_left_out(apart, bank, each)
    KEPT.mkdir(exist_ok=True)
    np.savez(KEPT / "left_out.npz", ids=np.array([line.id for line in bank]), **logits)  # type: ignore[arg-type]
    sharpness = sharpness_of(logits, made.truth)
    grade_leans = grade_leans_of(logits["grade"], sharpness["grade"], bank)
    read = chances(logits, sharpness, grade_leans)
    cut = thresholds(bank, read, RED, AMBER)
    version = write(
        made,
        MODEL,
        sharpness=sharpness,
        grade_leans=grade_leans,
        cut=cut,
        together=heard_together.matrix_of(apart, bank, each),
    )
    say(version)
    told = {
        "version": version,
        "left_out": left_out_figures.summary(bank, read),
        "strictly": left_out_figures.strictly(made),
    }
    FIGURES.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(left_out_figures.table(told))
    return 0


def both_together() -> int:
    """Print what rules and model raise together of every third line, by the chances that `train` kept."""
    lines, model = load_bank(), load_model()
    with np.load(KEPT / "left_out.npz") as kept:
        logits = {head: kept[head][:: together.EVERY] for head in WIDTHS}
    told = chances(logits, dict(model.sharpness), model.grade_leans.tolist())
    print(together.table(lines[:: together.EVERY], load_rules(), model, told))
    return 0


def curve() -> int:
    """Print and keep the curve against hands and lines."""
    made = material(load_bank(), MODEL)
    told = left_out_figures.curve(made, STEPS)
    CURVE.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for point in told:
        print(
            f"{point['hands']:3} hands, {point['share_of_lines']:.0%} of their lines: {point['recall']:.3f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
