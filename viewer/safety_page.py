"""Why one may press at a place or not, and for whom not at all, as pages of HTML."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from annotations.contraindication import by_action
from annotations.safety import Fired, Judgement
from annotations.verdict import Verdict
from viewer.palette import hexadecimal, verdict_colour

Translate = Callable[[str], str]

#: Phrases of the pages, for the translators.
PHRASES = (
    "Nothing speaks against it here.", "Measured", "Source", "Confidence", "high", "medium",
    "estimate",
)  # fmt: skip
_CONFIDENCE = {"H": "high", "M": "medium", "L": "estimate"}


def judgement_page(judgement: Judgement, translate: Translate = str) -> str:
    """Return the rules that speak at a place, strictest first, with reasons and sources."""
    if not judgement.rules:
        return f"<p>{escape(translate('Nothing speaks against it here.'))}</p>"
    return "".join(_rule(fired, translate) for fired in judgement.rules)


def contraindications_page(translate: Translate = str) -> str:
    """Return for whom to ask a doctor first, where to keep off, when to lighten."""
    pieces = []
    for action, rows in by_action().items():
        pieces.append(f"<h4>{escape(translate(action.label))}</h4>")
        pieces += [
            f"<p><b>{escape(translate(row.title))}.</b> {escape(translate(row.reason))} "
            f"<span class='s'>{escape(row.source)}</span></p>"
            for row in rows
        ]
    return "".join(pieces)


def _rule(fired: Fired, translate: Translate) -> str:
    said = translate(fired.verdict.title.partition(":")[0])
    colour = hexadecimal(verdict_colour(fired.verdict))
    ink = "#ffffff" if fired.verdict in (Verdict.NEVER, Verdict.AVOID) else "#101010"
    chip = f"<span style='background-color:{colour};color:{ink}'>&nbsp;{escape(said)}&nbsp;</span>"
    cited = ", ".join(fired.statements)
    measured = ", ".join(
        f"{escape(name.removesuffix('_mm').replace('_', ' '))} {value:g} mm"
        for name, value in fired.measured.items()
    )
    sure = translate(_CONFIDENCE.get(fired.confidence, fired.confidence))
    source = f"{escape(translate('Source'))}: {escape(fired.source)}"
    if cited:
        source += f" [{escape(cited)}]"
    source += f" · {escape(translate('Confidence'))}: {escape(sure)}"
    told = f"<br><span class='s'>{escape(translate('Measured'))}: {measured}</span>"
    return (
        f"<p>{chip} <b>{escape(translate(fired.title))}</b><br>{escape(fired.reason)}"
        f"{told if measured else ''}<br><span class='s'>{source}</span></p>"
    )
