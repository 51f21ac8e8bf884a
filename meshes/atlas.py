"""An atlas: structures and landmarks in the common frame, with where they came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from meshes.errors import InputError, UnknownName
from meshes.landmarks import Landmarks
from meshes.structure import Structure
from meshes.terminology import Side, System, TissueLayer


@dataclass(frozen=True)
class SetAside:
    """A mesh of the source that did not enter the atlas, or entered with a fault.

    Attributes
    ----------
    source : str
        Its name in the source, with the file.
    reason : str
        Why it was set aside, or what could not be mended.
    """

    source: str
    reason: str


@dataclass(frozen=True)
class Body:
    """The person the built-in torso is made for.

    Attributes
    ----------
    stature_cm : float
        145..200.
    sex : str
        ``male`` or ``female``.
    bmi : float
        Adiposity as body-mass index, kg/m^2, 17..40.
    muscularity : float
        Factor on muscle thickness, 0.7..1.4.
    """

    stature_cm: float = 175.0
    sex: str = "male"
    bmi: float = 24.0
    muscularity: float = 1.0

    def __post_init__(self) -> None:
        if self.sex not in ("male", "female"):
            raise UnknownName("sex", self.sex, ("male", "female"))
        for name, low, high in (
            ("stature_cm", 145.0, 200.0),
            ("bmi", 17.0, 40.0),
            ("muscularity", 0.7, 1.4),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise InputError(f"{name} must lie in {low:g}..{high:g}, received {value:g}")


@dataclass(frozen=True, eq=False)
class Atlas(Mapping[str, Structure]):
    """Structures by id, in a fixed order, with the landmarks they are anchored to.

    Attributes
    ----------
    name : str
        Short name for the command line (``builtin``, ``za``).
    title : str
        Readable name.
    licence : str
        One line naming sources and licences, shown in every export.
    structures : mapping of str to Structure
    landmarks : Landmarks
    set_aside : tuple of SetAside
        Everything of the source that is not in ``structures``, or is there with a fault.
    body : Body or None
        Whom a built atlas was made for; None for an imported person.
    pose : str
        ``rest`` or ``NAME:FRACTION``.
    digest : str
        Content hash that caches are keyed by.
    """

    name: str
    title: str
    licence: str
    structures: Mapping[str, Structure]
    landmarks: Landmarks
    set_aside: tuple[SetAside, ...] = ()
    body: Body | None = None
    pose: str = "rest"
    digest: str = ""
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "structures", MappingProxyType(dict(self.structures)))

    def __getitem__(self, structure_id: str) -> Structure:
        """Return a structure; an unknown id is an error that suggests the nearest."""
        if structure_id not in self.structures:
            raise UnknownName(f"structure in atlas {self.name!r}", structure_id, self.structures)
        return self.structures[structure_id]

    def __contains__(self, structure_id: object) -> bool:
        return structure_id in self.structures

    def __iter__(self) -> Iterator[str]:
        return iter(self.structures)

    def __len__(self) -> int:
        return len(self.structures)

    def select(
        self,
        *,
        system: System | None = None,
        layer: TissueLayer | None = None,
        side: Side | None = None,
    ) -> list[Structure]:
        """Return the structures that match every filter given, in atlas order."""
        return [
            structure
            for structure in self.structures.values()
            if (system is None or structure.system is system)
            and (layer is None or structure.layer is layer)
            and (side is None or structure.side is side)
        ]

    @cached_property
    def triangle_count(self) -> int:
        """Number of triangles over all structures."""
        return sum(item.surface.triangle_count for item in self.structures.values())
