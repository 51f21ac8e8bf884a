"""What a protocol may say about a path: the models behind the ``path`` table."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

KINDS = ("along", "fibres", "edge", "parallel_cm", "gutter", "between", "hold")


class Circles(BaseModel):
    """Circles that travel along the path."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    radius_mm: Annotated[float, Field(gt=0, le=60)] = 12.0
    advance_mm: Annotated[float, Field(gt=0, le=200)] = 12.0


class Zigzag(BaseModel):
    """A rounded zigzag across the path."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    width_mm: Annotated[float, Field(gt=0, le=120)] = 24.0
    advance_mm: Annotated[float, Field(gt=0, le=200)] = 20.0


class Gutter(BaseModel):
    """Two lines with a gutter between, and how far inside the outer one the path runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    inner: str
    outer: str
    inside_mm: Annotated[float, Field(ge=0, le=120)] = 15.0


class PathSpec(BaseModel):
    """Where a hand goes, in the words of anatomy; names without side, the stroke adds it.

    Exactly one of the kinds is given:

    - ``along``: a landmark curve (``scapula/medial_border``, ``hip_bone/iliac_crest``).
    - ``fibres``: a muscle or its part, from origin to insertion; ``across`` picks the fibre.
    - ``edge`` of ``muscle``: ``upper``, ``lower``, ``medial`` or ``lateral``, as seen from behind.
    - ``parallel_cm``: beside the spine at this distance along the skin, ``from_`` to ``to``.
    - ``gutter``: between two lines, inside the outer one.
    - ``between``: the straight way on the skin through sites.
    - ``hold``: stay at one site.

    ``over`` keeps the longest stretch whose needle meets a muscle (or any of several).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    along: str | None = None
    fibres: str | None = None
    across: Annotated[float, Field(ge=0, le=1)] = 0.5
    edge: Literal["upper", "lower", "medial", "lateral"] | None = None
    muscle: str | None = None
    parallel_cm: Annotated[float, Field(ge=0, le=25)] | None = None
    gutter: Gutter | None = None
    between: Annotated[list[str], Field(min_length=2)] | None = None
    hold: str | None = None
    start: Annotated[str | None, Field(alias="from")] = None
    end: Annotated[str | None, Field(alias="to")] = None
    over: str | list[str] | None = None
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    trim_mm: tuple[float, float] = (0.0, 0.0)
    circles: Circles | None = None
    zigzag: Zigzag | None = None
    reverse: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> PathSpec:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            received = " and ".join(given) or "none"
            raise ValueError(f"exactly one of {', '.join(KINDS)} required, received {received}")
        if self.edge is not None and self.muscle is None:
            raise ValueError("edge needs muscle, for example muscle = 'trapezius'")
        if self.parallel_cm is not None and (self.start is None or self.end is None):
            raise ValueError("parallel_cm needs from and to, for example from = 'T12', to = 'L5'")
        if self.hold is not None and (self.circles is not None or self.zigzag is not None):
            raise ValueError("circles and zigzag need a path with a length, hold has none")
        if self.circles is not None and self.zigzag is not None:
            raise ValueError("either circles or zigzag required, received both")
        return self
