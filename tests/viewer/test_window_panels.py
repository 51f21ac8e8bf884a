"""The panels round the torso: tree, inspector, column, safety, timeline, notes, quiz, tour."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.verdict import Verdict
from tests.viewer.desk import (
    PATIENCE_MS,
    Mouse,
    choose,
    choose_data,
    click,
    command,
    press,
    scrub,
    stroke,
)
from viewer.panels.tree_model import COUNT

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex
    from pytestqt.qtbot import QtBot

    from viewer.window import Window

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("no_leaked_widgets", "nothing_left")]


def type_in(qtbot: QtBot, window: Window, text: str) -> None:
    """Ctrl+F, then the keys of a text."""
    press(qtbot, window, "F", ctrl=True)
    assert window.tree.field.hasFocus()
    qtbot.keyClicks(window.tree.field, text)


def index_of(window: Window, key: str) -> QModelIndex:
    index = window.tree.model.index_of(key)
    assert index.isValid(), key
    return index


def click_eye(qtbot: QtBot, window: Window, key: str) -> None:
    """Click on the eye of a row."""
    from PySide6.QtCore import QPoint, Qt

    tree = window.tree.tree
    index = index_of(window, key)
    tree.scrollTo(index)
    box = tree.visualRect(index)
    middle = QPoint(box.left() + box.height() // 2, box.center().y())
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=middle)


def eye(window: Window, key: str) -> Any:
    from PySide6.QtCore import Qt

    return index_of(window, key).data(Qt.ItemDataRole.CheckStateRole)


# ---------------------------------------------------------------- tree


def test_the_tree_counts_and_names_in_english_and_latin(window: Window) -> None:
    from PySide6.QtCore import Qt

    from viewer.panels.tree_model import LATIN

    back = index_of(window, "back")
    atlas = window.session.atlas
    assert back.data(COUNT) == sum(item.entry.region == "back" for item in atlas.values())
    row = index_of(window, "rhomboid_major_left")
    assert row.data(Qt.ItemDataRole.DisplayRole) == "Left rhomboid major"
    assert row.data(LATIN) == "Musculus rhomboideus major"
    assert row.parent().parent() == back


def test_typing_finds_and_return_goes_there(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt

    type_in(qtbot, window, "rhomb")
    assert window.tree.model.rowCount() == 1  # only the back is left
    qtbot.keyClick(window.tree.field, Qt.Key.Key_Return)
    state = window.session.state
    assert {name.partition("_m")[0] for name in state.highlighted} == {"rhomboid"}
    assert len(state.highlighted) == 4
    assert state.peel == 3.0
    assert window.view.picture.ids >= state.highlighted
    qtbot.keyClick(window.tree.field, Qt.Key.Key_Escape)
    assert window.tree.field.text() == ""
    assert window.tree.model.rowCount() > 1
    press(qtbot, window, "Z", ctrl=True)
    assert not window.session.state.highlighted
    assert window.session.state.peel == 0.0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("TA2 2226", "trapezius"),
        ("2226", "trapezius"),
        ("FMA 9626", "trapezius"),
        ("traps", "trapezius"),
        ("musculus trapezius", "trapezius"),
    ],
)
def test_numbers_and_synonyms_are_found(
    window: Window, qtbot: QtBot, text: str, found: str
) -> None:
    type_in(qtbot, window, text)
    names = {row.item.structures[0] for row in window.tree.model._by_key.values()}
    assert names == {f"{found}_left", f"{found}_right"}


def test_letters_typed_in_the_field_are_no_commands(window: Window, qtbot: QtBot) -> None:
    type_in(qtbot, window, "hig 1c")
    assert window.tree.field.text() == "hig 1c"
    assert not window.session.history.before


def test_an_eye_hides_and_shows_and_is_half_shut_above(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt

    type_in(qtbot, window, "rhomboid")
    click_eye(qtbot, window, "rhomboid_major_left")
    assert window.session.state.hidden == {"rhomboid_major_left"}
    assert eye(window, "rhomboid_major_left") is Qt.CheckState.Unchecked
    assert eye(window, "back") is Qt.CheckState.PartiallyChecked
    click_eye(qtbot, window, "back")
    assert eye(window, "back") is Qt.CheckState.Checked
    click_eye(qtbot, window, "back")
    assert len(window.session.state.hidden) == 4
    press(qtbot, window, "Z", ctrl=True)
    assert not window.session.state.hidden


def test_a_click_on_a_row_selects_and_a_click_on_the_torso_marks_the_row(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    from PySide6.QtCore import Qt

    tree = window.tree.tree
    type_in(qtbot, window, "trapezius")
    box = tree.visualRect(index_of(window, "trapezius_right"))
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    assert window.session.state.highlighted == {"trapezius_right"}
    window.tree.field.clear()
    mouse.click(0.5, 0.5)
    assert window.tree.chosen == ("skin",)
    mouse.drag((0.5, 0.5), (0.55, 0.5))
    assert window.tree.chosen == ("skin",)


def test_the_context_menu_shows_only_isolates_and_ghosts(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QContextMenuEvent
    from PySide6.QtWidgets import QApplication, QMenu

    def pick(title: str) -> None:
        tree = window.tree.tree.viewport()
        at = window.tree.tree.visualRect(index_of(window, "rhomboid_major_left")).center()
        qtbot.mouseClick(tree, Qt.MouseButton.RightButton, pos=at)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, tree.mapToGlobal(at))
        QApplication.sendEvent(tree, event)
        menu = window.tree.findChild(QMenu)
        assert menu is not None
        action = next(action for action in menu.actions() if action.text() == title)
        click(qtbot, menu, menu.actionGeometry(action).center())
        qtbot.wait(5)

    type_in(qtbot, window, "rhomboid major")
    box = window.tree.tree.visualRect(index_of(window, "rhomboid_major_left"))
    click(qtbot, window.tree.tree.viewport(), box.center())
    pick("Show only this")
    assert window.view.picture.ids == {"rhomboid_major_left"}
    pick("Isolate among ghosts of the bones")
    drawn = {draw.id: draw.opacity for draw in window.view.picture.draws}
    assert drawn.pop("rhomboid_major_left") == 1.0
    assert drawn
    assert max(drawn.values()) < 0.5
    pick("Ghost")
    assert "rhomboid_major_left" in window.session.state.ghosted
    pick("Hide")
    assert "rhomboid_major_left" not in window.view.picture.ids
    pick("Show")
    assert "rhomboid_major_left" in window.view.picture.ids
    pick("Hide")
    pick("Go to")
    assert window.session.state.highlighted == {"rhomboid_major_left"}
    assert window.session.state.peel == 3.0


# ---------------------------------------------------------------- inspector


def test_the_inspector_tells_and_leads_to_neighbours(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import QPoint, Qt

    type_in(qtbot, window, "rhomboid major left")
    qtbot.keyClick(window.tree.field, Qt.Key.Key_Down)
    page = window.inspector.page
    told = page.toPlainText()
    entry = window.session.atlas["rhomboid_major_left"].entry
    for piece in (
        "Left rhomboid major", "Musculus rhomboideus major", f"TA2 {entry.ta2}",
        f"FMA {entry.fma}", entry.origin, entry.insertion, entry.action, entry.nerve,
    ):  # fmt: skip
        assert piece
        assert piece in told
    assert "generated: tests/phantom.py. Apache-2.0" in told  # provenance and licence
    qtbot.waitUntil(lambda: "trapezius" in page.toPlainText(), timeout=PATIENCE_MS)
    assert "Over it" in page.toPlainText()
    assert "Under it" in page.toPlainText()
    link = page.document().find("Left trapezius")
    page.setTextCursor(link)
    page.ensureCursorVisible()
    box = page.cursorRect(link)  # the caret stands behind the name
    click(qtbot, page.viewport(), box.center() - QPoint(12, 0))
    assert window.session.state.highlighted == {"trapezius_left"}
    assert window.session.state.peel == 2.0
    assert "Left trapezius" in page.toPlainText()


# ---------------------------------------------------------------- column and safety


def test_a_click_fixes_the_needle_and_it_stays_when_the_pointer_goes(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    mouse.hover(0.45, 0.5)
    mouse.click(0.45, 0.5)
    clicked = window.beneath.names
    assert window.session.state.needle is not None
    assert len(clicked) >= 3
    mark = window.needle.mark
    assert mark.isVisible()
    assert mark.geometry().contains(mouse.at(0.45, 0.5))
    press(qtbot, window, "1")  # from the front the needle in the back is not seen
    assert not mark.isVisible()
    press(qtbot, window, "1", shift=True)
    mouse.hover(0.52, 0.3)
    assert window.beneath.names != clicked  # the pointer tells of what it is on
    QApplication.sendEvent(window.view.canvas, QEvent(QEvent.Type.Leave))
    assert "Needle" in window.beneath.name
    assert window.beneath.names == clicked
    rows = window.beneath.column.rows
    assert all(row.start_mm < row.end_mm for row in rows)
    assert window.beneath.column.accessibleDescription().startswith("Skin 0 to")
    press(qtbot, window, "N")
    assert window.session.state.needle is None
    assert not window.beneath.names
    press(qtbot, window, "Z", ctrl=True)
    assert window.beneath.names == clicked


def test_needle_and_notes_stay_where_they_are_in_a_window_of_another_size(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    from PySide6.QtCore import QPoint, Qt

    mouse.click(0.5, 0.4)
    press(qtbot, window, "T")
    qtbot.keyClicks(window.notes.text, "here")
    qtbot.keyClick(window.notes.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pinned = window.pins.labels["skin"].pos()
    window.resize(1000, 700)
    qtbot.wait(50)
    canvas = window.view.canvas
    at = window.view.lens.place_of(
        np.array(window.session.state.needle), (canvas.width(), canvas.height())
    )
    assert at is not None
    assert window.needle.mark.geometry().contains(QPoint(round(at[0]), round(at[1])))
    assert window.pins.labels["skin"].pos() != pinned


def test_the_verdict_and_its_rules_are_told_at_the_pointer(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    panel = window.safety
    choose(qtbot, panel.technique, list(Technique).index(Technique.PERCUSSION))
    choose(qtbot, panel.pressure, list(Pressure).index(Pressure.DEEP))
    mouse.hover(0.5, 0.45)  # the spine
    assert "Never" in window.beneath.verdict
    told = panel.rules.toPlainText()
    assert "Never" in told
    assert "Source:" in told
    assert "mm" in told
    choose(qtbot, panel.technique, list(Technique).index(Technique.GLIDING))
    choose(qtbot, panel.pressure, list(Pressure).index(Pressure.LIGHT))
    assert "Never" not in window.beneath.verdict  # asked anew without a move of the mouse
    assert panel.legend.currentWidget().isVisible()
    tabs = panel.pages.tabBar()
    click(qtbot, tabs, tabs.tabRect(1).center())
    assert panel.pages.currentWidget().isVisible()
    assert "Ask a doctor first" in panel.pages.currentWidget().toPlainText()


@pytest.mark.parametrize("name", ["padding", "kidney_window"])
def test_maps_in_millimetres_replace_the_verdicts(window: Window, qtbot: QtBot, name: str) -> None:
    panel = window.safety
    press(qtbot, window, "C")
    assert window.view.picture.caution is not None
    choose_data(qtbot, panel.surface, name)
    assert window.session.state.surface == name
    assert window.view.picture.caution is None
    assert window.view.picture.chart.name == name
    assert panel.legend.currentIndex() == 1
    for _ in range(panel.surface.findData(name) - panel.surface.findData("caution")):
        press(qtbot, window, "Z", ctrl=True)  # every row that the keys went over is a step
    press(qtbot, window, "Z", ctrl=True)
    press(qtbot, window, "Z", ctrl=True)
    assert window.view.picture.caution is not None
    assert panel.surface.currentData() == "caution"


# ---------------------------------------------------------------- timeline


def test_the_time_line_shows_verdicts_and_goes_where_it_is_pressed(
    window: Window, qtbot: QtBot
) -> None:
    from PySide6.QtCore import QPoint, Qt

    track = window.playback.track
    assert [(run.start_s, run.end_s, run.verdict) for run in track.runs] == [
        (1.0, 9.0, Verdict.WORK)
    ]
    place = QPoint(round(track.x_of(5.0)), track.height() // 2)
    qtbot.mouseClick(track, Qt.MouseButton.LeftButton, pos=place)
    assert window.session.clock.t == pytest.approx(5.0, abs=0.1)
    assert "kneading" in track.told_at(5.0)
    assert "work here" in track.told_at(5.0)
    assert track.told_at(0.5) == "0.5 s"
    track.setFocus()
    qtbot.keyClick(track, Qt.Key.Key_Right)
    assert window.session.clock.t == pytest.approx(5.25, abs=0.1)


def test_speed_and_loop(window: Window, qtbot: QtBot) -> None:
    choose(qtbot, window.playback._speed, 3)
    click(qtbot, window.playback._loop)
    assert window.session.clock.speed == 2.0
    assert not window.session.clock.loop
    scrub(qtbot, window, 9.9)
    press(qtbot, window, "Space")
    qtbot.waitUntil(lambda: not window.session.clock.playing, timeout=5000)
    assert window.session.clock.t == 10.0
    click(qtbot, window.playback._loop)
    scrub(qtbot, window, 9.9)
    click(qtbot, window.playback._play)
    qtbot.waitUntil(lambda: 0.0 < window.session.clock.t < 5.0, timeout=5000)  # round again
    click(qtbot, window.playback._play)
    assert not window.session.clock.playing


def test_the_time_line_is_painted_in_the_colours_of_the_verdicts(
    window: Window, qtbot: QtBot
) -> None:
    from viewer import palette

    made = stroke(window.session.atlas, lambda *_: None)
    passage = made.passages[0]
    verdict = np.where(passage.times < 5.0, Verdict.WORK, Verdict.NEVER).astype(np.uint8)
    window.session.show_timeline(replace(made, passages=(replace(passage, verdict=verdict),)))
    track = window.playback.track
    image = track.grab().toImage()
    ratio = image.devicePixelRatio()

    def colour(t: float) -> np.ndarray:
        across = range(round((track.x_of(t) - 8) * ratio), round((track.x_of(t) + 8) * ratio))
        rows = range(round((track.height() / 2 - 5) * ratio), round(track.height() / 2 * ratio))
        found = [image.pixelColor(x, y).getRgb()[:3] for x in across for y in rows]
        return np.median(np.array(found), axis=0)

    for t, seen in ((3.0, Verdict.WORK), (7.0, Verdict.NEVER)):
        apart = {
            one: np.abs(colour(t) - palette.verdict_colour(one)).sum()
            for one in (Verdict.WORK, Verdict.LIGHTEN, Verdict.AVOID, Verdict.NEVER)
        }
        assert min(apart, key=lambda one: apart[one]) is seen


def test_the_playing_hand_is_told_of(window: Window, qtbot: QtBot) -> None:
    scrub(qtbot, window, 4.0)
    press(qtbot, window, "Space")
    qtbot.waitUntil(lambda: "Under the hand" in window.beneath.name, timeout=5000)
    assert "Kneading" in window.beneath.verdict
    press(qtbot, window, "Space")


# ---------------------------------------------------------------- notes


def test_a_note_is_written_shown_on_the_torso_and_undone(
    window: Window, qtbot: QtBot, mouse: Mouse
) -> None:
    from PySide6.QtCore import Qt

    mouse.click(0.5, 0.5)
    press(qtbot, window, "T")
    assert window.notes.text.hasFocus()
    qtbot.keyClicks(window.notes.text, "thin here")
    qtbot.keyClick(window.notes.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [(note.structure, note.text) for note in window.session.state.notes] == [
        ("skin", "thin here")
    ]
    assert window.pins.labels["skin"].isVisible()
    assert window.pins.labels["skin"].text() == "thin here"
    assert window.notes.notes.item(0).text() == "Skin: thin here"
    press(qtbot, window, "Z", ctrl=True)
    assert not window.session.state.notes
    assert window.notes.notes.count() == 0
    assert not window.pins.labels


# ---------------------------------------------------------------- tour and quiz


def test_the_tour_leads_the_view_until_the_user_takes_over(
    window: Window, qtbot: QtBot, mouse: Mouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotations.timeline import Key

    def tour(atlas: Any, *, progress: Any) -> Any:
        made = stroke(atlas, progress)
        return replace(made, title="Tour", peel=(Key(0.0, 2.0), Key(10.0, 2.0)))

    monkeypatch.setattr("viewer.panels.tour.tour_timeline", tour)
    press(qtbot, window, "F2")
    qtbot.waitUntil(lambda: window.session.leads and window.session.clock.playing, timeout=10_000)
    qtbot.waitUntil(lambda: window.session.clock.t > 0.1, timeout=10_000)
    assert window.session.state.peel == 0.0  # the user's own state is kept
    assert "skin" not in window.view.picture.ids
    assert window.view.picture.camera.azimuth_deg == 30.0
    mouse.drag((0.5, 0.5), (0.6, 0.5))
    assert not window.session.clock.playing
    assert not window.session.leads
    # The hand begins where the tour stood; undo leads back to before the tour.
    assert window.session.state.peel == 2.0
    assert window.peel.peel == 2.0
    assert window.session.state.camera.azimuth_deg != 30.0
    press(qtbot, window, "Z", ctrl=True)
    press(qtbot, window, "Z", ctrl=True)
    assert window.session.state.camera is None
    assert "skin" in window.view.picture.ids
    assert window.peel.peel == 0.0


def begin_quiz(qtbot: QtBot, window: Window, title: str) -> None:
    window.quiz.chance = Random(7)
    command(qtbot, window, "learn", title)


def test_quiz_name_it(window: Window, qtbot: QtBot, mouse: Mouse) -> None:
    from PySide6.QtCore import Qt

    start = window.session.state
    begin_quiz(qtbot, window, "Quiz: name it")
    quiz = window.quiz
    question = quiz.question
    assert question.structure in window.view.picture.ids
    assert len(set(question.choices)) == 4
    english = window.session.atlas[question.structure].entry.name
    assert english.capitalize() not in window.inspector.page.toPlainText()
    mouse.hover(0.5, 0.5)
    assert not window.view.overlay.under_pointer.isVisible()
    right = question.choices.index(question.right)
    assert quiz.answers[right].text() == english
    qtbot.mouseClick(quiz.answers[right], Qt.MouseButton.LeftButton)
    assert (quiz.score.right, quiz.score.asked) == (1, 1)
    assert "Right" in quiz.told.text()
    assert quiz.answers[right].text() == f"\N{CHECK MARK} {english}"
    qtbot.mouseClick(quiz.next, Qt.MouseButton.LeftButton)
    wrong = next(i for i, name in enumerate(quiz.question.choices) if name != quiz.question.right)
    qtbot.mouseClick(quiz.answers[wrong], Qt.MouseButton.LeftButton)
    assert (quiz.score.right, quiz.score.asked, quiz.score.best) == (1, 2, 1)
    assert "1 of 2 right" in quiz.counted.text()
    qtbot.mouseClick(quiz.stop, Qt.MouseButton.LeftButton)
    assert window.session.state.same_as(start)
    assert not window.session.hushed


def test_quiz_find_it_is_answered_on_the_torso(window: Window, qtbot: QtBot, mouse: Mouse) -> None:
    begin_quiz(qtbot, window, "Quiz: find it")
    quiz = window.quiz
    assert not window.session.state.highlighted
    assert window.session.atlas[quiz.question.right].entry.name in quiz.asked.text()
    places = [(x, y) for y in (0.3, 0.4, 0.5, 0.6) for x in (0.42, 0.46, 0.54, 0.58)]
    for place in places:
        mouse.hover(*place)
        if window.view.pointer.picked is not None:
            break
    seen = window.view.pointer.picked.structure
    mouse.click(*place)
    assert quiz.answered
    assert quiz.score.right == int(seen == quiz.question.right)
    assert window.session.state.highlighted == {quiz.question.right}


def test_quiz_may_i_press_here(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt

    begin_quiz(qtbot, window, "Quiz: may I press here?")
    quiz = window.quiz
    question = quiz.question
    assert window.session.state.needle is not None
    assert window.session.pair == question.pair
    assert not window.beneath.names  # that would be telling
    index = [verdict.word for verdict in Verdict].index(question.right)
    qtbot.mouseClick(quiz.answers[index], Qt.MouseButton.LeftButton)
    assert quiz.score.right == 1
    assert Verdict[question.right.upper()].title.partition(":")[0] in window.beneath.verdict


# ---------------------------------------------------------------- keyboard


def test_every_widget_that_takes_input_has_a_name(window: Window) -> None:
    from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QLineEdit, QScrollBar

    for name in window._docks:
        window.show_panel(name)
    nameless = []
    for kind in (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit):
        for widget in window.findChildren(kind):
            around = widget.parentWidget()
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            names = (text, widget.accessibleName(), widget.toolTip(), around.accessibleName())
            by_qt = isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_")
            ours = type(widget).__module__.startswith("viewer.")
            if widget.isVisibleTo(window) and (ours or not by_qt) and not any(names):
                nameless.append((widget, around))
    assert not nameless


def test_keys_go_to_the_widget_that_has_the_focus(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt

    tree = window.tree.tree
    type_in(qtbot, window, "rhomboid")
    qtbot.keyClick(window.tree.field, Qt.Key.Key_Down)
    assert tree.hasFocus()
    qtbot.keyClick(tree, Qt.Key.Key_Space)  # shuts the eye; elsewhere it plays
    assert window.session.state.hidden == {"rhomboid_major_left"}
    assert not window.session.clock.playing
    qtbot.keyClick(tree, Qt.Key.Key_Home)  # goes to the first row; elsewhere it resets the view
    assert window.session.state.camera is None
    qtbot.keyClick(tree, Qt.Key.Key_H)  # no key of the tree: a command
    assert len(window.session.state.hidden) > 1


def test_tab_leads_to_every_part(window: Window, qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt

    widgets = (
        window.tree.field, window.tree.tree, window.peel._slider, window.inspector.page,
        window.safety.technique, window.safety.surface, window.playback.track, window.view.canvas,
    )  # fmt: skip
    for widget in widgets:
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, widget


def test_a_pair_that_is_chosen_without_a_surface_is_taken_back(
    window: Window, qtbot: QtBot
) -> None:
    from PySide6.QtCore import Qt

    session, panel = window.session, window.safety
    before = session.pair
    panel.pressure.setFocus()
    qtbot.keyClick(panel.pressure, Qt.Key.Key_Down)
    chosen = session.pair
    assert chosen != before
    assert session.state.caution is None
    press(qtbot, window, "Z", ctrl=True)
    assert session.pair == before
    assert panel.pair == before
    press(qtbot, window, "Y", ctrl=True)
    assert session.pair == panel.pair == chosen
