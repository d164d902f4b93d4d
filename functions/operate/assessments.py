"""Two acts that leave a structured record on a case: a risk assessment by the force's model, and a hand-over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from contact_desk.case_desk import CaseChange
from contact_desk.grades import Grade
from contact_desk.timeline import EntryKind
from functions.operate.acts import Scene, next_version, renewed_claim
from functions.operate.refusals import InvalidFieldsError

HANDED_OVER = {
    "what": "What",
    "where": "Where",
    "when": "When",
    "who": "Who",
    "weapons": "Weapons",
    "injuries": "Injuries",
    "description": "Description",
    "direction": "Direction of travel",
    "informant": "Informant",
    "safe_to_ring": "Safe to ring",
    "accepted": "Accepted under",
}


@dataclass(frozen=True, slots=True)
class AssessRisk:
    """What a person makes of the risk; it changes no grade by itself."""

    name: ClassVar[str] = "thrive"
    level: Grade
    assessments: tuple[tuple[str, str], ...]
    prompts: tuple[tuple[str, str], ...]

    @property
    def kept_text(self) -> str | None:
        """What was written, line by line."""
        return "\n".join(f"{element}: {text}" for element, text in self.assessments)

    def change(self, scene: Scene) -> CaseChange:
        """An entry that nobody changes later; raises InvalidFieldsError for what the force's model does not have."""
        model = scene.force.thrive
        faults = {}
        if {element for element, _ in self.assessments} - set(model.elements):
            faults["assessments"] = f"the elements of {model.model} are {', '.join(model.elements)}"
        lacking = set(model.prompts) - {prompt for prompt, _ in self.prompts}
        if lacking or {prompt for prompt, _ in self.prompts} - set(model.prompts):
            faults["prompts"] = f"an answer to each of: {' '.join(model.prompts)}"
        if faults:
            raise InvalidFieldsError(faults)
        level = scene.force.grades[self.level].name
        lines = [f"{model.model}: {level}", *(f"{element}: {text}" for element, text in self.assessments)]
        lines += [f"{prompt} {answer}" for prompt, answer in self.prompts]
        after = next_version(scene, claim=renewed_claim(scene))
        return CaseChange(scene.case, after, (scene.entry(EntryKind.THRIVE, "\n".join(lines)),))


@dataclass(frozen=True, slots=True)
class HandOver:
    """To whom a case is handed over, and what they were told: `told` by the fields of the hand-over."""

    name: ClassVar[str] = "transfer"
    to: str
    told: Mapping[str, str]

    @property
    def kept_text(self) -> str | None:
        """What was told, line by line."""
        return "\n".join(f"{HANDED_OVER[name]}: {text}" for name, text in self.told.items() if text)

    def change(self, scene: Scene) -> CaseChange:
        """The case stays with the desk until it is closed: without their reference nobody else has it."""
        after = next_version(scene, claim=renewed_claim(scene))
        text = f"To {self.to}\n{self.kept_text}"
        return CaseChange(scene.case, after, (scene.entry(EntryKind.TRANSFER, text),))
