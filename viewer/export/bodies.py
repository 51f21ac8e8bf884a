"""A file of bodies: whom a batch of exports is made for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from annotations.protocol import read_model
from meshes.errors import InputError


class BodyRow(BaseModel):
    """One body; what is not given is that of the built-in torso.

    ``name`` goes into file names. The figures are those of the command line: ``stature`` in cm,
    ``sex``, ``adiposity`` as body-mass index, ``muscularity`` as a factor.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(min_length=1, max_length=60)]
    stature: Annotated[float | None, Field(ge=145, le=200)] = None
    sex: Literal["male", "female"] | None = None
    adiposity: Annotated[float | None, Field(ge=17, le=40)] = None
    muscularity: Annotated[float | None, Field(ge=0.7, le=1.4)] = None

    @field_validator("name")
    @classmethod
    def _plain(cls, value: str) -> str:
        if not value.replace("-", "_").isidentifier():
            raise ValueError(f"letters, digits, - and _ required, received {value!r}")
        return value


class BodiesFile(BaseModel):
    """Bodies in order."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    bodies: Annotated[list[BodyRow], Field(alias="body", min_length=1)]


def read_bodies(path: Path) -> list[BodyRow]:
    """Return the bodies of a file.

    Raises
    ------
    ReadError
        If the file is none; with file and line.
    InputError
        If two have one name.
    """
    rows = read_model(path, BodiesFile).bodies
    names = [row.name for row in rows]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{path}: names of bodies that differ required, received {twice!r} twice")
    return rows
