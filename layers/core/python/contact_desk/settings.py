"""A function's environment, read once, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, TypeVar

from contact_desk.errors import MissingSettingError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

S = TypeVar("S", bound="DataclassInstance")


def read_settings(settings: type[S], environ: Mapping[str, str]) -> S:
    """The settings class filled from the environment: the field `table_name` is the variable `TABLE_NAME`.

    Raises MissingSettingError naming every variable that is absent or empty.
    """
    names = {field.name: field.name.upper() for field in fields(settings)}
    missing = sorted(variable for variable in names.values() if not environ.get(variable))
    if missing:
        raise MissingSettingError(f"{settings.__name__} needs {', '.join(missing)} in the environment")
    return settings(**{name: environ[variable] for name, variable in names.items()})
