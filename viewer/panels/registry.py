"""What a window is made of: modules with a function ``install(window)``, one line each.

``install`` may add panels (``window.add_panel``), commands (``window.menus.add``) and listen to
``window.session``; commands stand in their menu in the order of this list. To add a piece to
the window, write its module and name it here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.window import Window

EXTENSIONS = (
    "viewer.panels.another",
    "viewer.panels.scene_commands",
    "viewer.panels.screenshot",
    "viewer.panels.export_dialog",
    "viewer.panels.actions",
    "viewer.panels.tree",
    "viewer.panels.peel_panel",
    "viewer.panels.opening_panel",
    "viewer.panels.inspector",
    "viewer.panels.beneath_panel",
    "viewer.panels.needle_mark",
    "viewer.panels.needle_place",
    "viewer.panels.safety_panel",
    "viewer.panels.player",
    "viewer.panels.notes",
    "viewer.panels.names",
    "viewer.panels.tour",
    "viewer.panels.quiz_panel",
    "viewer.panels.protocol_panel",
    "viewer.panels.subject_panel",
    "viewer.panels.appearance",
    "viewer.panels.guide",
)


def install_all(window: Window) -> None:
    """Add every piece to a window."""
    for name in EXTENSIONS:
        import_module(name).install(window)
