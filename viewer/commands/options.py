"""Options that several commands share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from meshes.errors import InputError, UnknownName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cyclopts import Token

    from meshes.atlas import Atlas, Body
    from meshes.progress import Progress

BUILTIN = "builtin"


def whole_number(_: object, tokens: Sequence[Token]) -> int:
    """Read a whole number for the command line, which would round 1.5 to 2.

    Raises
    ------
    ValueError
        If it is none; cyclopts names the option.
    """
    return int(tokens[0].value)


REST = "rest"


@Parameter(name="*")
@dataclass(frozen=True)
class AtlasOptions:
    """Which atlas, on which body, in which pose.

    Attributes
    ----------
    atlas : str
        Name of an imported atlas, or a folder; the built-in torso unless given.
    pose : str or None
        NAME or NAME:SHARE with a share from 0 to 1 (built-in torso); rest unless given.
    stature : float or None
        Body height in cm, 145..200 (built-in torso).
    sex : str or None
        male or female (built-in torso).
    adiposity : float or None
        Body-mass index in kg/m2, 17..40 (built-in torso).
    muscularity : float or None
        Factor on muscle thickness, 0.7..1.4 (built-in torso).
    """

    atlas: str = BUILTIN
    pose: Annotated[str | None, Parameter(show_default=False)] = None
    stature: Annotated[float | None, Parameter(show_default=False)] = None
    sex: Annotated[str | None, Parameter(show_default=False)] = None
    adiposity: Annotated[float | None, Parameter(show_default=False)] = None
    muscularity: Annotated[float | None, Parameter(show_default=False)] = None

    def body(self) -> Body | None:
        """Return the body asked for, or None where nothing was.

        Raises
        ------
        InputError
            If a figure is out of range, or the atlas is a person of its own.
        """
        from meshes.atlas import Body

        given = {
            "stature_cm": self.stature,
            "sex": self.sex,
            "bmi": self.adiposity,
            "muscularity": self.muscularity,
        }
        asked = {name: value for name, value in given.items() if value is not None}
        if not asked:
            return None
        if self.atlas != BUILTIN:
            raise InputError(
                "--stature, --sex, --adiposity and --muscularity shape the built-in torso, "
                f"received them with --atlas {self.atlas}: leave one or the other out"
            )
        return Body(**asked)  # type: ignore[arg-type]

    def posed(self) -> str:
        """Return the pose asked for, ``rest`` where none was.

        Raises
        ------
        InputError
            If there is no such pose, or the atlas is a person who cannot be moved.
        """
        from meshes.pose import parse_pose

        if self.pose is None:
            return REST
        _, fraction = parse_pose(self.pose)
        if fraction > 0.0 and self.atlas != BUILTIN:
            raise InputError(
                f"--pose moves the built-in torso, received {self.pose!r} with --atlas "
                f"{self.atlas}, whose soft tissue is as it was imported: leave one or the other out"
            )
        return self.pose

    def for_protocol(self, pose: str) -> AtlasOptions:
        """Return the options in a protocol's pose, unless ``--pose`` says another.

        An imported atlas stays at rest, and the user is told.
        """
        from meshes.pose import parse_pose

        if self.pose is not None or parse_pose(pose)[1] == 0.0:
            return self
        if self.atlas != BUILTIN:
            from viewer.commands.output import say

            say(f"{self.atlas} cannot be moved into the protocol's pose {pose}: it stays at rest")
            return self
        return replace(self, pose=pose)

    def check(self) -> None:
        """Make sure that the atlas is there and the body possible, without opening it.

        Raises
        ------
        InputError
            Saying what is wrong.
        """
        from pathlib import Path

        from meshes.build import atlas_names

        self.body()
        self.posed()
        known = atlas_names()
        if self.atlas not in known and not (Path(self.atlas) / "atlas.json").is_file():
            raise UnknownName("atlas", self.atlas, known)

    def open(self, progress: Progress | None = None) -> Atlas:
        """Open the atlas, with a progress bar on stderr if it has to be built first."""
        from meshes.build import open_atlas

        body, pose = self.body(), self.posed()
        if progress is not None:
            return open_atlas(self.atlas, body=body, pose=pose, progress=progress)
        from viewer.progress_bar import ProgressBar

        _tell_of_cache()
        with ProgressBar("building the torso") as bar:
            return open_atlas(self.atlas, body=body, pose=pose, progress=bar)


def _tell_of_cache() -> None:
    """Say where what is built is kept, if it is not where it should be."""
    from meshes.errors import WriteError
    from meshes.store import cache_set_aside
    from viewer.commands.output import say

    found = cache_set_aside()
    if found is None:
        return
    wanted, used = found
    if used is None:
        raise WriteError(
            f"the cache folder {wanted} cannot be written, and neither can a temporary one: "
            "set XDG_CACHE_HOME to a folder that can"
        )
    say(
        f"palpate: the cache folder {wanted} cannot be written: {used} is used; set "
        "XDG_CACHE_HOME to keep what is built elsewhere"
    )


DEFAULT_ATLAS = AtlasOptions()
