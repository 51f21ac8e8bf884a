"""The tree of structures: find one, look at it, hide it, show it alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QEvent, QModelIndex, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QMenu, QTreeView, QVBoxLayout, QWidget

from viewer import steps
from viewer.outline import Item, Kind, bones, found, outline, search
from viewer.panels.session import Session
from viewer.panels.tree_model import TreeModel
from viewer.panels.tree_rows import TreeRows

if TYPE_CHECKING:
    from meshes.atlas import Atlas
    from viewer.state import ViewState
    from viewer.window import Window

#: Return in the field goes to all that was found if it is no more than this, else to the best.
MOST_TOGETHER = 12
#: The eyes and colours follow this long after the last change.
FOLLOW_MS = 60


class StructureTree(QWidget):
    """A field to type in and the tree below it.

    Parameters
    ----------
    session : Session
    drawn : callable
        Returns the ids that the picture shows now.
    """

    def __init__(self, session: Session, drawn: Callable[[], frozenset[str]]) -> None:
        super().__init__()
        self._session = session
        self._drawn = drawn
        self._items: tuple[Item, ...] = ()
        self._open: list[str] = []
        self._follows = False
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Find: rhomboid, traps, TA2 2226 …"))
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName(self.tr("Find a structure"))
        self.field.installEventFilter(self)
        self.model = TreeModel(self)
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setItemDelegate(TreeRows(self.tree))
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setIndentation(14)
        self.tree.setExpandsOnDoubleClick(False)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setAccessibleName(self.tr("Structures"))
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.field)
        column.addWidget(self.tree, 1)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(FOLLOW_MS)
        self._later.timeout.connect(self.follow)
        self.setEnabled(False)
        self._connect()

    def _connect(self) -> None:
        session = self._session
        self.field.textChanged.connect(self.look_for)
        self.field.returnPressed.connect(self._go_to_best)
        self.tree.activated.connect(self._activated)
        self.tree.customContextMenuRequested.connect(self._menu)
        self.tree.selectionModel().selectionChanged.connect(self._selected)
        self.model.toggled.connect(self._toggled)
        session.opened.connect(self._opened)
        session.changed.connect(self._changed)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Ids of the structures of the selected rows."""
        items = [
            self.model.item_at(index) for index in self.tree.selectionModel().selectedIndexes()
        ]
        return tuple(dict.fromkeys(name for item in items if item for name in item.structures))

    def look_for(self, text: str) -> None:
        """Show what a text finds, or everything where it is empty."""
        atlas = self._session.atlas
        if atlas is None:
            return
        looking = bool(text.strip())
        if looking and not self._open:
            self._open = self._expanded()
        keys = search(atlas, text) if looking else ()
        items = found(self._items, frozenset(keys)) if looking else self._items
        self._follows = True
        self.model.show_items(items)
        if looking:
            for item in items:
                self._expand(item, frozenset(keys))
            if keys:
                self.tree.setCurrentIndex(QModelIndex())
                self.tree.scrollTo(self.model.index_of(keys[0]))
        else:
            for key in self._open:
                self.tree.expand(self.model.index_of(key))
            self._open = []
        self._follows = False
        self._select(self._session.state.highlighted)

    def follow(self) -> None:
        """Bring eyes, colours and the selection up to date with what is shown."""
        state = self._session.state
        self.model.show_state(state, self._drawn())
        self.tree.viewport().update()
        self._select(state.highlighted)

    def go_to(self, *structure_ids: str) -> None:
        """Select structures and make sure that they can be seen."""
        atlas = self._session.atlas
        if atlas is not None and structure_ids:
            layer = min(float(atlas[name].layer) for name in structure_ids)
            self._session.change(steps.gone_to, layer, *structure_ids)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """In the field: Down goes to the tree, Escape empties it."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Down:
                self._enter_tree()
                return True
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
        return super().eventFilter(watched, event)

    # ------------------------------------------------------------------ what happens

    def _opened(self, atlas: Atlas) -> None:
        self._items = outline(atlas)
        self.setEnabled(True)
        self._open = []
        self.look_for(self.field.text())
        self.follow()

    def _changed(self, before: ViewState, after: ViewState) -> None:
        if before.highlighted != after.highlighted:
            self._select(after.highlighted)
        if _eyes(before) != _eyes(after):
            self.follow()
        else:
            self._later.start()

    def _selected(self, *_: Any) -> None:
        if not self._follows:
            self._session.change(steps.chosen, self.chosen)

    def _toggled(self, item: Item, seen: bool) -> None:
        self._session.change(steps.revealed if seen else steps.without, *item.structures)

    def _activated(self, index: QModelIndex) -> None:
        item = self.model.item_at(index)
        if item is None:
            return
        if item.kind in (Kind.REGION, Kind.LAYER):
            self.tree.setExpanded(index, not self.tree.isExpanded(index))
        else:
            self.go_to(*item.structures)

    def _go_to_best(self) -> None:
        atlas = self._session.atlas
        keys = search(atlas, self.field.text()) if atlas is not None else ()
        ids = tuple(dict.fromkeys(key.partition("/")[0] for key in keys))
        if keys:
            self.go_to(*(ids if len(ids) <= MOST_TOGETHER else ids[:1]))
        else:
            self._session.told.emit(self.tr("Nothing is called that here"))

    def _enter_tree(self) -> None:
        self.tree.setFocus()
        atlas = self._session.atlas
        keys = search(atlas, self.field.text()) if atlas is not None else ()
        if keys:
            self.tree.setCurrentIndex(self.model.index_of(keys[0]))

    def _menu(self, at: QPoint) -> None:
        ids = self.chosen
        atlas = self._session.atlas
        if not ids or atlas is None:
            return
        change = self._session.change
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        around = bones(atlas)
        for title, what in (
            (self.tr("Go to"), lambda: self.go_to(*ids)),
            (self.tr("Hide"), lambda: change(steps.without, *ids)),
            (self.tr("Show"), lambda: change(steps.revealed, *ids)),
            (self.tr("Show only this"), lambda: change(steps.only, *ids)),
            (
                self.tr("Isolate among ghosts of the bones"),
                lambda: change(steps.isolated, around, *ids),
            ),
            (self.tr("Ghost"), lambda: change(steps.ghost, *ids)),
        ):
            menu.addAction(title).triggered.connect(lambda _=False, what=what: what())
        menu.addSeparator()
        copy = menu.addAction(self.tr("Copy the id"))
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText("\n".join(ids)))
        menu.popup(self.tree.viewport().mapToGlobal(at))

    # ------------------------------------------------------------------ rows

    def _select(self, ids: frozenset[str]) -> None:
        if ids == frozenset(self.chosen):
            return
        self._follows = True
        selection = self.tree.selectionModel()
        selection.clear()
        for name in sorted(ids):
            index = self.model.index_of(name)
            if index.isValid():
                selection.select(index, selection.SelectionFlag.Select)
        if len(ids) == 1:
            index = self.model.index_of(next(iter(ids)))
            if index.isValid():
                selection.setCurrentIndex(index, selection.SelectionFlag.NoUpdate)
                self.tree.scrollTo(index)
        self._follows = False

    def _expanded(self) -> list[str]:
        rows = [row for item in self._items for row in item.walk()]
        return [row.key for row in rows if self.tree.isExpanded(self.model.index_of(row.key))]

    def _expand(self, item: Item, keys: frozenset[str]) -> None:
        """Open what leads to the rows that were found."""
        if item.kind is Kind.STRUCTURE and item.key in keys:
            return
        self.tree.expand(self.model.index_of(item.key))
        for child in item.children:
            self._expand(child, keys)


def _eyes(state: ViewState) -> tuple[object, ...]:
    """Return what the eyes and pencils of the tree depend on."""
    return state.hidden, state.isolated, state.ghosted, state.notes


def install(window: Window) -> None:
    """Add the tree and the key that leads to its field."""
    translate = QCoreApplication.translate

    def drawn() -> frozenset[str]:
        picture = window.view.picture
        return frozenset() if picture is None else picture.ids

    tree = window.tree = StructureTree(window.session, drawn)
    window.closing.connect(tree._later.stop)
    title = translate("StructureTree", "Structures")
    window.add_panel("structures", title, tree, Qt.DockWidgetArea.LeftDockWidgetArea)

    def find() -> None:
        window.show_panel("structures")
        tree.field.setFocus()
        tree.field.selectAll()

    window.menus.add("edit", translate("StructureTree", "&Find a structure"), find, "Ctrl+F", "/")
