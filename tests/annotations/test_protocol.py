"""The protocol format: the library reads, mistakes point at the line, the schema is complete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotations.protocol import Protocol, json_schema, library, open_protocol
from annotations.toml_lines import line_of
from meshes.errors import ReadError, UnknownName

GOOD = """\
title = "Test"

[[stroke]]
name = "Down"
technique = "gliding"
pressure = "moderate"
side = "left"
[stroke.path]
parallel_cm = 4
from = "T12"
to = "L5"

[[stroke]]
name = "Hold"
technique = "sustained_press"
pressure = "light"
duration_s = 3
path = { hold = "T4 3cm" }
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "protocol.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_good_file_reads(tmp_path: Path) -> None:
    protocol = open_protocol(_write(tmp_path, GOOD))
    assert [stroke.name for stroke in protocol.strokes] == ["Down", "Hold"]
    assert protocol.strokes[0].path.start == "T12"
    assert protocol.strokes[1].contact_hand == "thumb"


@pytest.mark.parametrize("name", sorted(library()))
def test_library_reads_and_cites_statements(name: str) -> None:
    protocol = open_protocol(name)
    for stroke in protocol.strokes:
        assert stroke.caption
        assert all(item[0] in "SC" and item[1:].isdigit() for item in stroke.statements)
        assert stroke.statements


def test_library_has_a_protocol_for_every_stroke_of_the_article() -> None:
    cited = {
        statement
        for name in library()
        if not open_protocol(name).not_to_do
        for stroke in open_protocol(name).strokes
        for statement in stroke.statements
    }
    assert cited >= {"S2", "S3", "S5", "S6", "S10", "S11", "S12", "S15", "S17"}
    wrong = open_protocol("what_not_to_do")
    assert wrong.not_to_do
    shown = {statement for stroke in wrong.strokes for statement in stroke.statements}
    assert shown >= {"S13", "S16", "S19", "S20", "S21", "S22"}


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (
            'title = "Test"',
            'title = "T"\npose = "arm_acros_body"',
            2,
            "did you mean arm_across_body",
        ),
        ('title = "Test"', 'title = "T"\npose = "arm_across_body:2"', 2, "0..1"),
        ('technique = "gliding"', 'technique = "glidng"', 5, "did you mean gliding"),
        ('pressure = "moderate"', 'presure = "moderate"', 6, "did you mean pressure"),
        ('side = "left"', 'side = "lft"', 7, "did you mean left"),
        ("parallel_cm = 4", "paralel_cm = 4", 9, "parallel_cm"),
        ("parallel_cm = 4", "parallel_cm = 400", 9, "parallel_cm"),
        ('name = "Hold"', "", 13, "name required"),
        ("duration_s = 3", "duration_s = -3", 17, "duration_s"),
        ('path = { hold = "T4 3cm" }', 'path = { hol = "T4 3cm" }', 18, "hold"),
        ('to = "L5"', "", 8, "needs from and to"),
        ('from = "T12"', 'from = "T12"\nhold = "L1"', 8, "exactly one of"),
        ('title = "Test"', "title = ", 1, "TOML"),
    ],
)
def test_mistakes_point_at_the_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in GOOD
    path = _write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ReadError) as caught:
        open_protocol(path)
    text = str(caught.value)
    assert message in text
    assert "\n" not in text
    if message != "TOML":
        assert text.startswith(f"{path}:{line}:"), text


def test_unknown_protocol_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="erector_descent"):
        open_protocol("erector_decent")


def test_absent_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="there is none"):
        open_protocol(tmp_path / "none.toml")


def test_schema_covers_the_fields_of_the_format() -> None:
    schema = json_schema()
    assert "stroke" in schema["properties"]
    stroke = schema["$defs"]["StrokeSpec"]
    assert set(stroke["required"]) == {"name", "technique", "pressure", "path"}
    path = schema["$defs"]["PathSpec"]["properties"]
    assert {"from", "to", "along", "fibres", "parallel_cm", "gutter", "between", "hold"} <= set(
        path
    )


def test_line_of_falls_back_to_the_table() -> None:
    assert line_of(GOOD, ("stroke", 1, "path", "hold")) == 18
    assert line_of(GOOD, ("stroke", 1, "technique")) == 15
    assert line_of(GOOD, ("stroke", 0, "path", "to")) == 11
    assert line_of(GOOD, ("stroke", 0, "hand")) == 3


def test_a_model_is_frozen() -> None:
    protocol = Protocol.model_validate(
        {
            "title": "x",
            "stroke": [
                {
                    "name": "a",
                    "technique": "gliding",
                    "pressure": "light",
                    "path": {"hold": "T4"},
                }
            ],
        }
    )
    with pytest.raises(ValueError, match="frozen"):
        protocol.title = "y"


def test_published_schema_is_the_models_own() -> None:
    """To renew it: python -m annotations.schema > docs/protocol.schema.json."""
    published = Path(__file__).parents[2] / "docs" / "protocol.schema.json"
    page, own = json.loads(published.read_text(encoding="utf-8")), json_schema()
    # Wording depends on pydantic's version; names, choices and what is required do not.
    assert set(page["properties"]) == set(own["properties"])
    assert set(page["$defs"]) == set(own["$defs"])
    for name, part in own["$defs"].items():
        assert set(page["$defs"][name].get("properties", {})) == set(part.get("properties", {}))
        assert page["$defs"][name].get("enum") == part.get("enum")
        assert page["$defs"][name].get("required") == part.get("required")


def test_a_protocol_says_its_pose(tmp_path: Path) -> None:
    assert open_protocol(_write(tmp_path, GOOD)).pose == "rest"
    posed = _write(tmp_path, 'pose = "arm_across_body:0.5"\n' + GOOD)
    assert open_protocol(posed).pose == "arm_across_body:0.5"
    assert open_protocol("rhomboid_gutter_arm_across").pose == "arm_across_body:1"
