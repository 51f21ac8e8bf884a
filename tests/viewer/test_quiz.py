"""Questions of the quiz, without a screen."""

from __future__ import annotations

from random import Random

import pytest

from annotations.safety import judge
from annotations.site import find_site
from annotations.verdict import Verdict
from tests.phantom import phantom_atlas
from viewer.quiz import Kind, Score, ask, askable, is_right, seen_from


@pytest.mark.parametrize("seed", range(12))
def test_a_name_is_one_of_four_different_ones(seed: int) -> None:
    atlas = phantom_atlas()
    question = ask(atlas, Kind.NAME, Random(seed))
    bases = [atlas[name].entry.base for name in question.choices]
    assert len(set(bases)) == 4
    assert question.right in question.choices
    assert is_right(question, question.right)
    assert not any(is_right(question, name) for name in question.choices if name != question.right)


def test_the_right_answer_stands_in_every_place() -> None:
    atlas = phantom_atlas()
    places = set()
    for seed in range(30):
        question = ask(atlas, Kind.NAME, Random(seed))
        places.add(question.choices.index(question.right))
    assert places == {0, 1, 2, 3}


@pytest.mark.parametrize("seed", range(4))
def test_what_is_to_be_found_can_be_seen(seed: int) -> None:
    question = ask(phantom_atlas(), Kind.FIND, Random(seed))
    assert seen_from(phantom_atlas(), question.right) == question.view


def test_what_lies_behind_other_tissue_is_not_seen() -> None:
    atlas = phantom_atlas()
    assert seen_from(atlas, "trapezius_left") == "posterior"
    seen = {item.id: seen_from(atlas, item.id) for item in askable(atlas)}
    assert "posterior" in seen.values()


def test_pressing_is_judged_by_the_rules_and_every_verdict_comes_up() -> None:
    atlas = phantom_atlas()
    verdicts = set()
    for seed in range(25):
        question = ask(atlas, Kind.PRESS, Random(seed))
        assert question.point is not None
        assert question.pair is not None
        site = find_site(atlas, ",".join(f"{value:.3f}" for value in question.point))
        assert judge(atlas, site, *question.pair).verdict.word == question.right
        verdicts.add(question.right)
    assert len(verdicts) >= 3
    assert verdicts <= {item.word for item in Verdict}


def test_the_score_counts_and_remembers_the_best_row() -> None:
    score = Score()
    for correct in (True, True, False, True):
        score = score.counted(correct)
    assert (score.right, score.asked, score.streak, score.best) == (3, 4, 1, 2)
