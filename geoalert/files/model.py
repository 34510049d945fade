"""What every schema of a written file shares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

LocalTime = Annotated[
    datetime | str,
    WithJsonSchema(
        {"type": "string", "format": "date-time", "description": "Local time in the agency's zone; an offset, if given, must agree."}
    ),
]


class FileModel(BaseModel):
    """A table of a file: exact types, no unknown field, and no value in any error's text.

    Unknown fields are looked for before anything else, so that a misspelt name is reported as such and not as a missing field.
    """

    missing_codes: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Codes of missing fields that have one of their own in Python too."""
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown(cls, values: Any) -> Any:
        if isinstance(values, dict):
            known = [info.alias or name for name, info in cls.model_fields.items()]
            for name in values:
                if name not in known:
                    raise PydanticCustomError("unknown_field", "unknown field", {"name": str(name), "known": known})
        return values


class Formatted(FileModel):
    """A whole file."""

    format: int = Field(description="Format of the file; 1.", json_schema_extra={"const": 1})
