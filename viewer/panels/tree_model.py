"""The outline of an atlas as a Qt model: names, eyes, and what is drawn at present."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from viewer.outline import Item, Kind
from viewer.panels.wording import word
from viewer.state import ViewState

Index = QModelIndex | QPersistentModelIndex

#: Latin name; how many structures; whether any of them is drawn at present.
LATIN = int(Qt.ItemDataRole.UserRole) + 1
COUNT = LATIN + 1
DRAWN = LATIN + 2
GHOST = LATIN + 3
NOTED = LATIN + 4


class Row:
    """A row with its place in the tree."""

    __slots__ = ("above", "below", "item", "place")

    def __init__(self, item: Item, above: Row | None, place: int) -> None:
        self.item = item
        self.above = above
        self.place = place
        self.below = [Row(child, self, index) for index, child in enumerate(item.children)]

    def walk(self) -> Iterator[Row]:
        """Yield this row and all below it."""
        yield self
        for row in self.below:
            yield from row.walk()


class TreeModel(QAbstractItemModel):
    """Rows of an outline; the check mark of a row is its eye.

    Attributes
    ----------
    toggled : Signal(object, bool)
        An eye was clicked: the item, and whether it shall be seen.
    """

    toggled = Signal(object, bool)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._by_key: dict[str, Row] = {}
        self._drawn: frozenset[str] = frozenset()
        self._state = ViewState()
        self._noted: frozenset[str] = frozenset()

    def show_items(self, items: tuple[Item, ...]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._rows = [Row(item, None, index) for index, item in enumerate(items)]
        self._by_key = {row.item.key: row for top in self._rows for row in top.walk()}
        self.endResetModel()

    def show_state(self, state: ViewState, drawn: frozenset[str]) -> None:
        """Bring eyes and colours up to date."""
        self._state, self._drawn = state, drawn
        self._noted = frozenset(note.structure for note in state.notes)
        if self._rows:
            last = self.index(len(self._rows) - 1, 0)
            # Views repaint what they show of the tree, however far apart these two lie.
            self.dataChanged.emit(self.index(0, 0), last)

    def item_at(self, index: Index) -> Item | None:
        """Return the item of an index."""
        row = _row(index)
        return None if row is None else row.item

    def index_of(self, key: str) -> QModelIndex:
        """Return the index of a key; an invalid one where it is not in the tree."""
        row = self._by_key.get(key)
        return QModelIndex() if row is None else self.createIndex(row.place, 0, row)

    # ------------------------------------------------------------------ what Qt asks

    def index(self, row: int, column: int, parent: Index | None = None) -> QModelIndex:
        """Return the index of a row."""
        above = None if parent is None else _row(parent)
        below = self._rows if above is None else above.below
        if column != 0 or not 0 <= row < len(below):
            return QModelIndex()
        return self.createIndex(row, column, below[row])

    def parent(self, index: Index | None = None) -> Any:
        """Return the index of the row above."""
        if index is None:
            return super().parent()
        row = _row(index)
        if row is None or row.above is None:
            return QModelIndex()
        return self.createIndex(row.above.place, 0, row.above)

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many rows hang from a row."""
        above = None if parent is None else _row(parent)
        return len(self._rows) if above is None else len(above.below)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return 1."""
        return 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Allow selecting, and looking at everything but parts."""
        item = self.item_at(index)
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if item is not None and item.kind is not Kind.PART:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row shows."""
        item = self.item_at(index)
        if item is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _spoken(item)
        if role == Qt.ItemDataRole.CheckStateRole:
            return None if item.kind is Kind.PART else self._eye(item)
        if role == LATIN:
            return item.latin
        if role == COUNT:
            return len(item.structures) if item.kind in (Kind.REGION, Kind.LAYER) else 0
        if role == DRAWN:
            return not self._drawn.isdisjoint(item.structures)
        if role == GHOST:
            return item.kind is Kind.STRUCTURE and item.key in self._state.ghosted
        if role == NOTED:
            return item.kind is Kind.STRUCTURE and item.key in self._noted
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{_spoken(item)}\n{item.latin}" if item.latin else _spoken(item)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(item)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        """Take a click on an eye; a half-open one opens."""
        item = self.item_at(index)
        if item is None or role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.toggled.emit(item, self._eye(item) is not Qt.CheckState.Checked)
        return True

    def _eye(self, item: Item) -> Qt.CheckState:
        seen = sum(self._may_be_seen(name) for name in item.structures)
        if seen == len(item.structures):
            return Qt.CheckState.Checked
        return Qt.CheckState.PartiallyChecked if seen else Qt.CheckState.Unchecked

    def _may_be_seen(self, name: str) -> bool:
        state = self._state
        if name in state.hidden:
            return False
        return not state.isolated or name in state.isolated

    def _spoken(self, item: Item) -> str:
        words = [_spoken(item), item.latin]
        if item.kind in (Kind.REGION, Kind.LAYER):
            words.append(self.tr("%n structure(s)", "", len(item.structures)))
        if item.kind is Kind.STRUCTURE and item.key in self._state.ghosted:
            words.append(self.tr("ghost"))
        return ", ".join(one for one in words if one)


def _row(index: Index) -> Row | None:
    if not index.isValid():
        return None
    row = index.internalPointer()
    return row if isinstance(row, Row) else None


def _spoken(item: Item) -> str:
    """Regions and layers in the user's language; structures go by their English names."""
    return word(item.english) if item.kind in (Kind.REGION, Kind.LAYER) else item.english
