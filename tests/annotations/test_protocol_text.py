from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.path_spec import PathSpec
from annotations.pressure import Pressure
from annotations.protocol import Protocol, StrokeSpec, library, open_protocol
from annotations.protocol_text import protocol_text
from annotations.technique import Technique
from meshes.errors import ReadError

PATHS = [
    {"along": "scapula/medial_border", "reverse": True},
    {"parallel_cm": 4, "from": "T2", "to": "T7", "circles": {"radius_mm": 9}},
    {"gutter": {"inner": "transverse_processes", "outer": "scapula/medial_border"}},
    {"between": ["T2 2cm", "L3 12cm"], "zigzag": {}},
    {"fibres": "trapezius/descending", "across": 0.25, "over": ["trapezius", "deltoid"]},
]
STROKES = st.builds(
    StrokeSpec,
    name=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12),
    technique=st.sampled_from(Technique),
    pressure=st.sampled_from(Pressure),
    path=st.sampled_from(PATHS).map(PathSpec.model_validate),
    side=st.sampled_from(["left", "right", "both", "each"]),
    repetitions=st.integers(1, 9),
    speed_cm_s=st.none() | st.floats(1, 40),
    caption=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20),
    peel=st.none() | st.floats(0, 7),
)
PROTOCOLS = st.builds(
    lambda strokes, title: Protocol(title=title, strokes=strokes),
    st.lists(STROKES, min_size=1, max_size=4),
    st.text("abc \"'\\", min_size=1),
)


def _read(folder: Path, text: str) -> Protocol:
    path = folder / "read.toml"
    path.write_text(text, encoding="utf-8")
    return open_protocol(path)


def _same(one: Protocol, other: Protocol) -> bool:
    """The file that a protocol was read from is no part of it."""
    return one.model_dump() == other.model_dump()


@pytest.mark.parametrize("name", sorted(library()))
def test_an_unchanged_protocol_keeps_its_file_to_the_letter(name: str) -> None:
    text = library()[name].read_text(encoding="utf-8")
    assert protocol_text(open_protocol(name), text) == text


@given(PROTOCOLS)
def test_what_is_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory, protocol: Protocol
) -> None:
    assert _same(_read(tmp_path_factory.mktemp("written"), protocol_text(protocol)), protocol)


@given(st.permutations(range(3)), STROKES)
def test_strokes_moved_changed_and_added_over_a_file(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], added: StrokeSpec
) -> None:
    source = library()["back_routine"]
    held = open_protocol(source)
    strokes = [held.strokes[index] for index in order]
    strokes[0] = strokes[0].model_copy(update={"pressure": Pressure.DEEP, "caption": ""})
    changed = held.model_copy(update={"strokes": [*strokes, added]})
    text = protocol_text(changed, source.read_text(encoding="utf-8"))
    assert _same(_read(tmp_path_factory.mktemp("changed"), text), changed)


def test_comments_stay() -> None:
    source = library()["rhomboid_gutter"].read_text(encoding="utf-8")
    held = open_protocol("rhomboid_gutter")
    stroke = held.strokes[0].model_copy(update={"repetitions": 5})
    text = protocol_text(held.model_copy(update={"strokes": [stroke]}), source)
    assert text == source.replace("repetitions = 2", "repetitions = 5")


def test_saving_into_what_is_no_toml_is_told() -> None:
    with pytest.raises(ReadError, match="TOML required to save into"):
        protocol_text(open_protocol("rhomboid_gutter"), "title = = 3")
