from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.pressure import Pressure
from annotations.technique import Technique
from annotations.timeline import CameraPose
from meshes.atlas import Body
from meshes.errors import ReadError, WriteError
from meshes.terminology import Side
from viewer.scene_file import SavedScene, read_scene, save_scene, state_of, state_page
from viewer.state import Note, ViewState

IDS = st.frozensets(st.sampled_from(["skin", "trapezius_left", "rib_4_right", "sacrum"]))
NUMBERS = st.floats(-500, 500).map(lambda value: round(value, 3))
CAMERAS = st.builds(
    CameraPose,
    NUMBERS,
    NUMBERS,
    st.floats(0.2, 9),
    st.tuples(NUMBERS, NUMBERS, NUMBERS).map(np.array),
)
STATES = st.builds(
    ViewState,
    peel=st.floats(0, 7),
    peel_side=st.none() | st.sampled_from(Side),
    camera=st.none() | CAMERAS,
    shown=IDS,
    hidden=IDS,
    isolated=IDS,
    ghosted=IDS,
    caution=st.none() | st.tuples(st.sampled_from(Technique), st.sampled_from(Pressure)),
    labels=st.booleans(),
    levels=st.booleans(),
    notes=st.lists(st.builds(Note, st.just("sacrum"), st.text()), max_size=2).map(tuple),
)


@given(STATES)
def test_a_state_comes_back_as_it_was(state: ViewState) -> None:
    page = json.loads(json.dumps(state_page(state)))
    assert state_of(page).same_as(state)


def test_a_scene_is_readable_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "rhomboids.palpate.json"
    state = ViewState(
        peel=3.0, hidden=frozenset({"trapezius_left"}), notes=(Note("sacrum", "here"),)
    )
    body = Body(stature_cm=162.0, sex="female", bmi=22.0)
    save_scene(path, SavedScene(body=body, pose="arm_across_body:0.5", protocol="x", state=state))
    assert json.loads(path.read_text())["view"] == {
        "peel": 3.0,
        "hidden": ["trapezius_left"],
        "notes": [{"structure": "sacrum", "text": "here"}],
    }
    back = read_scene(path)
    assert (back.atlas, back.body, back.pose, back.protocol) == (
        "builtin",
        body,
        "arm_across_body:0.5",
        "x",
    )
    assert back.state.same_as(state)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", ":1: JSON required"),
        ("[]", "without 'palpate_scene'"),
        ('{"palpate_scene": 9}', "version 1 required, received version 9; update Palpate"),
        ('{"palpate_scene": 1, "view": {"peal": 2}}', "unknown field 'peal'; did you mean peel"),
        ('{"palpate_scene": 1, "view": {"peel": "two"}}', "view.peel: a number required"),
        ('{"palpate_scene": 1, "view": {"hidden": "skin"}}', "view.hidden: a list required"),
        ('{"palpate_scene": 1, "view": {"labels": 1}}', "view.labels: bool required, received 1"),
        ('{"palpate_scene": 1, "view": {"camera": {"zoom": 1}}}', "azimuth_deg required"),
        ('{"palpate_scene": 1, "view": {"caution": ["gliding"]}}', "2 values required, received 1"),
        ('{"palpate_scene": 1, "view": {"caution": ["glide", "light"]}}', "one of gliding, "),
        ('{"palpate_scene": 1, "view": {"contacts": []}}', "unknown field 'contacts'"),
        ('{"palpate_scene": 1, "body": {"bmi": 90}}', "bmi must lie in 17..40, received 90"),
    ],
)
def test_a_wrong_scene_is_told_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "wrong.palpate.json"
    path.write_text(text)
    with pytest.raises(ReadError, match=r"wrong\.palpate\.json") as told:
        read_scene(path)
    assert message in str(told.value)
    assert "\n" not in str(told.value)


def test_a_missing_scene_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="a scene file required"):
        read_scene(tmp_path / "none.palpate.json")
    with pytest.raises(WriteError, match="does not exist"):
        save_scene(tmp_path / "no" / "such.palpate.json", SavedScene())
