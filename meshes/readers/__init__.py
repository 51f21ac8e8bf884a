"""Readers of other people's anatomy: one module per source, found by name.

A reader turns a folder of source files into an :class:`~meshes.atlas.Atlas` in the common frame.
Adding a source is adding a module with ``TITLE`` and ``read`` and a line here.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from meshes.atlas import Atlas
from meshes.errors import UnknownName
from meshes.progress import Progress, silent

_MODULES = {
    "z-anatomy": "meshes.readers.z_anatomy",
    "bodyparts3d": "meshes.readers.bodyparts3d",
    "mesh-folder": "meshes.readers.mesh_folder",
}


class Reader(Protocol):
    """A module that reads one source.

    Attributes
    ----------
    TITLE : str
        The source's name in words.
    """

    TITLE: str

    def read(self, folder: Path, name: str, progress: Progress = silent) -> Atlas:
        """Read a folder into an atlas called ``name``; raises ReadError on an unusable file."""
        ...


def reader_names() -> tuple[str, ...]:
    """Return the names that ``reader`` knows."""
    return tuple(_MODULES)


def reader(name: str) -> Reader:
    """Return the reader of a source; its module is imported now, not before.

    Raises
    ------
    UnknownName
        If no reader has that name.

    Examples
    --------
    >>> reader("z-anatomy").TITLE
    'Z-Anatomy'
    """
    if name not in _MODULES:
        raise UnknownName("reader", name, _MODULES)
    return cast(Reader, import_module(_MODULES[name]))
