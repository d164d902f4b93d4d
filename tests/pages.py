"""What a page of docs tells people to type: its fenced blocks, and the commands in its sentences."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FENCED = re.compile(r"^(?P<indent> *)```sh\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
VARIABLE = re.compile(r"^[A-Za-z_]\w*=")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block of shell, below the heading of its section."""

    section: str
    text: str

    def commands(self) -> Iterator[list[str]]:
        """Its simple commands as words, those within substitutions too, without assignments before them."""
        yield from commands_of(self.text)


def blocks_of(page: str) -> list[Block]:
    """The blocks of shell of a page, in its order."""
    text = (ROOT / "docs" / page).read_text()
    headings = [(found.start(), found["title"]) for found in HEADING.finditer(text)]
    return [
        Block(
            section=next((title for start, title in reversed(headings) if start < found.start()), ""),
            text=re.sub(rf"^{found['indent']}", "", found["text"], flags=re.MULTILINE),
        )
        for found in FENCED.finditer(text)
    ]


def spans_of(page: str) -> list[str]:
    """What stands between single backticks in a page's sentences, on one line."""
    text = FENCED.sub("", (ROOT / "docs" / page).read_text())
    return [" ".join(span.split()) for span in SPAN.findall(text)]


def commands_of(text: str) -> Iterator[list[str]]:
    """The simple commands of a text of shell."""
    for inner in re.findall(r"\$\(([^()]+)\)", text):
        yield from commands_of(inner)
    # What a substitution gives is one word to the command around it, and a function's body is commands of its own.
    flat = re.sub(r"\w+\(\) \{(.*?)\}$", r"\1", re.sub(r"\$\([^()]+\)", "given", text), flags=re.MULTILINE)
    for line in re.split(r"[;\n]|&&|\|\|?", flat.replace("\\\n", " ")):
        words = shlex.split(line, comments=True)
        while words and VARIABLE.match(words[0]):
            words.pop(0)
        if words:
            yield words
