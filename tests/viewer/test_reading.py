"""Readings of a needle, and the pages on structures and safety."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from annotations.pressure import Pressure
from annotations.technique import Technique
from meshes.relations import relations
from tests.phantom import phantom_atlas, skin_point
from viewer.reading import bands, name_of, read_at
from viewer.safety_page import contraindications_page, judgement_page
from viewer.structure_page import page_of

PAIR = (Technique.SUSTAINED_PRESS, Pressure.DEEP)


def test_the_column_holds_what_the_phantom_is_made_of() -> None:
    atlas = phantom_atlas()
    reading = read_at(atlas, skin_point(40.0, 400.0), PAIR)
    rows = [row for row in bands(atlas, reading.hits) if row.name]
    names = [row.name.partition(",")[0] for row in rows]
    assert names[:4] == ["Skin", "Fat", "Trapezius", "Rhomboid major"]
    trapezius, rhomboid = rows[2], rows[3]
    assert trapezius.start_mm == pytest.approx(8.0, abs=0.6)
    assert trapezius.end_mm == pytest.approx(15.0, abs=0.6)
    assert rhomboid.start_mm == pytest.approx(16.0, abs=0.6)
    ends = [(row.start_mm, row.end_mm) for row in bands(atlas, reading.hits)]
    assert all(low < high for low, high in ends)
    assert all(np.isclose(one[1], two[0]) for one, two in pairwise(ends))


def test_a_part_is_named_briefly() -> None:
    entry = phantom_atlas()["trapezius_left"].entry
    assert name_of(entry) == "Trapezius"
    assert name_of(entry, "descending") == "Trapezius, descending (upper) part"
    assert name_of(phantom_atlas()["vertebra_T4"].entry, "lamina").startswith("T4, ")


def test_the_page_of_a_structure_links_to_its_neighbours() -> None:
    atlas = phantom_atlas()
    waiting = page_of(atlas, "rhomboid_major_left")
    assert "looking at its neighbours" in waiting
    page = page_of(atlas, "rhomboid_major_left", relations(atlas, "rhomboid_major_left"))
    assert "looking at" not in page
    assert "href='structure:trapezius_left'" in page
    assert "TA2 2232" in page
    assert "Apache-2.0" in page


def test_phrases_go_through_the_translator() -> None:
    page = page_of(phantom_atlas(), "rhomboid_major_left", None, lambda text: text[::-1])
    assert "evreN" in page  # Nerve
    assert ">Nerve<" not in page


def test_the_safety_page_gives_reason_measure_and_source() -> None:
    reading = read_at(phantom_atlas(), skin_point(0.0, 400.0), PAIR)
    page = judgement_page(reading.judgement)
    fired = reading.judgement.rules[0]
    assert fired.title in page
    assert fired.source.replace("&", "&amp;") in page
    assert "mm" in page
    assert "Ask a doctor first" in contraindications_page()
