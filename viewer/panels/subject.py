"""Who lies on the table: an atlas by name, the body it is built for, its pose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from meshes.pose import parse_pose
from meshes.progress import Progress

if TYPE_CHECKING:
    from meshes.atlas import Atlas, Body


@dataclass(frozen=True)
class Subject:
    """What a window has open, and how to open it.

    Attributes
    ----------
    atlas : str
        Name of an atlas, or the path of its folder.
    body : Body or None
        Only the built-in torso has one; None is its usual body.
    pose : str
        ``rest`` or ``NAME[:0..1]``.
    """

    atlas: str = "builtin"
    body: Body | None = None
    pose: str = "rest"

    @property
    def can_move(self) -> bool:
        """Whether it has poses and bodies to choose from."""
        return self.atlas == "builtin"

    def lies_as(self, pose: str) -> bool:
        """Whether it is in a pose; one that is not moved at all is rest."""
        mine, other = parse_pose(self.pose), parse_pose(pose)
        return mine == other or mine[1] == other[1] == 0.0

    def open(self, progress: Progress) -> Atlas:
        """Open it, building what the cache does not hold.

        Raises
        ------
        InputError
            If there is no such atlas, or it has neither body nor pose.
        """
        from meshes.build import open_atlas

        return open_atlas(self.atlas, body=self.body, pose=self.pose, progress=progress)
