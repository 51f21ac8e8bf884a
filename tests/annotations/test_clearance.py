"""Checking protocols: the library is clean, what not to do is found, the report says where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from annotations.clearance import check
from annotations.protocol import Protocol, library, open_protocol
from annotations.verdict import Verdict
from meshes.build import builtin as build_builtin
from meshes.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from meshes.atlas import Atlas

CLEAN = [name for name in sorted(library()) if not open_protocol(name).not_to_do]


@pytest.mark.parametrize("name", CLEAN)
def test_library_is_clean_on_the_built_in_torso(builtin: Atlas, name: str) -> None:
    protocol = open_protocol(name)
    _assert_clean(builtin if protocol.pose == "rest" else build_builtin(pose=protocol.pose), name)


@pytest.mark.reference
@pytest.mark.parametrize("name", CLEAN)
def test_library_is_clean_on_z_anatomy(za: Atlas, name: str) -> None:
    _assert_clean(za, name)


def _assert_clean(atlas: Atlas, name: str) -> None:
    report = check(atlas, open_protocol(name))
    findings = [(stroke.name, stroke.findings) for stroke in report.strokes if stroke.findings]
    assert report.clean, findings


def test_every_stroke_of_what_not_to_do_is_found(builtin: Atlas) -> None:
    protocol = open_protocol("what_not_to_do")
    report = check(builtin, protocol)
    assert not report.clean
    for spec, stroke in zip(protocol.strokes, report.strokes, strict=True):
        assert len(stroke.findings) == 1, (spec.name, stroke.findings)
        cited = {item for finding in stroke.findings for item in finding.statements}
        assert set(spec.statements) <= cited, (spec.name, cited)


def test_erector_descent_keeps_off_the_spine(builtin: Atlas) -> None:
    (stroke,) = check(builtin, open_protocol("erector_descent")).strokes
    assert stroke.clearance_mm["spinous_line"] >= 15.0


def _press(path: dict[str, Any], **changes: Any) -> Protocol:
    stroke = {
        "name": "press",
        "technique": "sustained_press",
        "pressure": "firm",
        "side": "left",
        "duration_s": 3,
        "path": path,
    }
    return Protocol.model_validate({"title": "test", "stroke": [stroke | changes]})


def test_a_hand_that_touches_the_spine_with_its_edge_is_found(builtin: Atlas) -> None:
    near = check(builtin, _press({"hold": "L4 1.8cm"})).strokes[0]
    assert near.verdict is Verdict.NEVER
    assert near.findings[0].rule == "spinous_line"
    assert near.findings[0].structure.startswith("vertebra_L")
    assert near.shift_mm is not None
    assert near.shift_mm > 0.0
    shifted = check(
        builtin, _press({"hold": "L4 1.8cm", "shift_mm": [near.shift_mm, 0, 0]})
    ).strokes[0]
    assert not shifted.findings


def test_a_broader_hand_finds_no_less(builtin: Atlas) -> None:
    thumb = check(builtin, _press({"hold": "L4 3cm"}, hand="thumb")).strokes[0]
    palm = check(builtin, _press({"hold": "L4 3cm"}, hand="palm")).strokes[0]
    assert palm.verdict >= thumb.verdict
    assert palm.clearance_mm["spinous_line"] < thumb.clearance_mm["spinous_line"]


def test_the_report_is_plain_json(builtin: Atlas) -> None:
    page = check(builtin, open_protocol("what_not_to_do")).to_json()
    assert page["pose"] == "rest"
    assert json.loads(json.dumps(page)) == page
    stroke = page["strokes"][0]
    assert {"name", "verdict", "clearance_mm", "findings"} <= set(stroke)
    assert {"t_s", "at_mm", "structure", "verdict", "rule"} <= set(stroke["findings"][0])
    times = [finding["t_s"] for item in page["strokes"] for finding in item["findings"]]
    assert times == sorted(times) or max(times) > min(times)


def test_an_unknown_name_in_a_file_points_at_the_line(builtin: Atlas, tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(
        'title = "x"\n[[stroke]]\nname = "a"\ntechnique = "gliding"\npressure = "light"\n'
        'path = { along = "scapula/medial_bordr" }\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"p\.toml:6: stroke 'a': .*scapula/medial_border"):
        check(builtin, open_protocol(path))
