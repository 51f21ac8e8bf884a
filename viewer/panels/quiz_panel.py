"""The quiz as a panel: it shows, asks, hears the answer on the torso or a button, and counts."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QVBoxLayout, QWidget

from annotations.verdict import verdict_named
from viewer import steps
from viewer.camera import pose_of
from viewer.outline import bones
from viewer.panels.session import Session
from viewer.panels.wording import word
from viewer.quiz import Kind, Question, Score, ask, is_right

if TYPE_CHECKING:
    from viewer.state import ViewState
    from viewer.window import Window


class QuizPanel(QWidget):
    """Asks one question after the other.

    Parameters
    ----------
    session : Session
    chance : Random, optional
        For questions that come in a known order.

    Attributes
    ----------
    question : Question or None
        What is asked now; None before the first and after the last.
    score : Score
    answered : bool
        Whether the present question has its answer.
    """

    def __init__(self, session: Session, chance: Random | None = None) -> None:
        super().__init__()
        self._session = session
        self.chance = chance or Random()
        self.question: Question | None = None
        self.score = Score()
        self.answered = False
        self._given = ""
        self._before: ViewState | None = None
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Kind of question"))
        self.kind.addItem(self.tr("Name it"), Kind.NAME)
        self.kind.addItem(self.tr("Find it"), Kind.FIND)
        self.kind.addItem(self.tr("May I press here?"), Kind.PRESS)
        self.asked = QLabel()
        self.asked.setWordWrap(True)
        self.answers = [QPushButton() for _ in range(4)]
        self.told = QLabel()
        self.told.setWordWrap(True)
        self.next = QPushButton()
        self.counted = QLabel()
        self.stop = QPushButton(self.tr("End the quiz"))
        column = QVBoxLayout(self)
        column.addWidget(self.kind)
        column.addWidget(self.asked)
        for index, button in enumerate(self.answers):
            button.clicked.connect(partial(self._chosen, index))
            column.addWidget(button)
        for widget in (self.told, self.next, self.counted, self.stop):
            column.addWidget(widget)
        column.addStretch(1)
        self.next.clicked.connect(self.go_on)
        self.stop.clicked.connect(self.end)
        self.kind.currentIndexChanged.connect(self._other_kind)
        session.opened.connect(lambda _: self.end())
        session.changed.connect(self._changed)
        self._show()

    def go_on(self) -> None:
        """Ask the next question."""
        session = self._session
        if session.atlas is None or not session.measured:
            session.told.emit(self.tr("The quiz begins once the torso is measured"))
            return
        if self._before is None:
            self._before = session.state
        self.question = ask(session.atlas, Kind(self.kind.currentData()), self.chance)
        self.answered = False
        session.hush(True)
        if self.question.pair is not None:
            session.give_pair(self.question.pair)
        session.change(self._posed)
        self._show()

    def answer(self, answer: str) -> None:
        """Take an answer: a structure id, or a verdict's word."""
        question = self.question
        if question is None or self.answered:
            return
        self.answered = True
        correct = is_right(question, answer)
        self.score = self.score.counted(correct)
        self._session.hush(False)
        self._given = answer
        self._show()
        self.told.setText(self._explained(question, answer, correct))
        if question.structure:
            self._reveal(question.structure)

    def end(self) -> None:
        """Leave the torso as it was before the quiz."""
        before, self._before = self._before, None
        self.question, self.answered = None, False
        self._session.hush(False)
        if before is not None:
            self._session.change(lambda _state: before)
        self._show()

    # ------------------------------------------------------------------ what is seen

    def _posed(self, state: ViewState) -> ViewState:
        """Return the state in which the question is asked."""
        question, atlas, frame = self.question, self._session.atlas, self._session.frame
        assert question is not None
        assert atlas is not None
        assert frame is not None
        clear = steps.everything(steps.needled(steps.surfaced(state, None), None))
        plain = steps.stood(steps.chosen(clear, ()), pose_of(question.view, frame))
        if question.kind is Kind.PRESS:
            return steps.needled(steps.peeled(plain, 0.0), question.point)
        if question.kind is Kind.NAME:
            alone = steps.isolated(plain, bones(atlas), question.structure)
            return steps.chosen(alone, (question.structure,))
        layer = float(atlas[question.structure].layer)
        return steps.chosen(steps.gone_to(plain, layer, question.structure), ())

    def _reveal(self, structure_id: str) -> None:
        self._session.change(lambda state: steps.chosen(state, (structure_id,)))

    def _changed(self, before: ViewState, after: ViewState) -> None:
        """Take a click on the torso as the answer to where something is."""
        question = self.question
        if question is None or self.answered or question.kind is not Kind.FIND:
            return
        if after.highlighted and after.highlighted != before.highlighted:
            self.answer(next(iter(after.highlighted)))

    def _other_kind(self) -> None:
        if self.question is not None:
            self.go_on()

    def _chosen(self, index: int) -> None:
        question = self.question
        if question is not None and index < len(question.choices):
            self.answer(question.choices[index])

    def _show(self) -> None:
        question = self.question
        self.next.setText(self.tr("Begin") if question is None else self.tr("Next"))
        self.next.setEnabled(question is None or self.answered)
        self.stop.setEnabled(question is not None)
        choices = () if question is None else question.choices
        for index, button in enumerate(self.answers):
            button.setVisible(index < len(choices))
            if question is not None and index < len(choices):
                button.setText(self._marked(question, choices[index]))
                button.setEnabled(not self.answered)
        self.asked.setText(self._asked(question))
        if not self.answered:
            self.told.clear()
        score = self.score
        self.counted.setText(
            self.tr("{right} of {asked} right · {streak} in a row, {best} at best").format(
                right=score.right, asked=score.asked, streak=score.streak, best=score.best
            )
            if score.asked
            else ""
        )

    def _asked(self, question: Question | None) -> str:
        if question is None:
            return self.tr("What is it called, where is it, and may one press there?")
        if question.kind is Kind.NAME:
            return self.tr("<b>What is this?</b>")
        if question.kind is Kind.FIND:
            return self.tr("<b>Click on the {name}.</b>").format(name=self._name(question.right))
        assert question.pair is not None
        technique, pressure = question.pair
        return self.tr("<b>At the needle: {technique}, {pressure}. May you?</b>").format(
            technique=word(technique.label), pressure=word(pressure.value)
        )

    def _explained(self, question: Question, answer: str, correct: bool) -> str:
        said = self.tr("Right.") if correct else self.tr("No.")
        if question.kind is Kind.PRESS:
            judgement = question.judgement
            reasons = [] if judgement is None else [rule.reason for rule in judgement.rules[:1]]
            verdict = word(verdict_named(question.right).title)
            return " ".join([f"<b>{said}</b>", f"{verdict}.", *reasons])
        told = f"<b>{said}</b> {self._name(question.right, latin=True)}."
        if not correct:
            chosen = self.tr("You chose {name}.").format(name=self._name(answer, latin=True))
            told = f"{told} {chosen}"
        return told

    def _marked(self, question: Question, choice: str) -> str:
        """Return what a button says; once it is answered, which one was right."""
        name = self._named(question, choice)
        if not self.answered:
            return name
        if choice == question.right:
            return f"\N{CHECK MARK} {name}"
        return f"\N{MULTIPLICATION X} {name}" if choice == self._given else name

    def _named(self, question: Question, choice: str) -> str:
        if question.kind is Kind.PRESS:
            return word(verdict_named(choice).title)
        return self._name(choice)

    def _name(self, structure_id: str, *, latin: bool = False) -> str:
        atlas = self._session.atlas
        if atlas is None or structure_id not in atlas:
            return structure_id
        entry = atlas[structure_id].entry
        return f"{entry.name} ({entry.latin})" if latin and entry.latin else entry.name


def install(window: Window) -> None:
    """Add the quiz and its commands."""
    panel = window.quiz = QuizPanel(window.session)
    title = QCoreApplication.translate("QuizPanel", "Quiz")
    dock = window.add_panel(
        "quiz", title, panel, Qt.DockWidgetArea.LeftDockWidgetArea,
        beside="structures", shown=False,
    )  # fmt: skip

    def begin(kind: Kind) -> None:
        window.show_panel("quiz")
        panel.kind.setCurrentIndex(list(Kind).index(kind))
        if panel.question is None or panel.answered:
            panel.go_on()

    def hidden(shown: bool) -> None:
        if not shown and not dock.isVisible() and panel.question is not None and dock.isHidden():
            panel.end()

    dock.visibilityChanged.connect(hidden)
    translate = QCoreApplication.translate
    for kind, name in zip(
        Kind,
        (
            translate("QuizPanel", "Quiz: name it"),
            translate("QuizPanel", "Quiz: find it"),
            translate("QuizPanel", "Quiz: may I press here?"),
        ),
        strict=True,
    ):
        window.menus.add("learn", name, partial(begin, kind))
