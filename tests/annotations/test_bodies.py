"""The map follows the body, and the library stays clean on bodies at the ends of the range.

Statures are the 5th and 95th percentiles of facts section 8.1 (ANSUR II); the body-mass index
goes with them, so that the bodies are at the ends of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from annotations.caution import caution_field
from annotations.clearance import check
from annotations.compose import protocol_timeline
from annotations.level import level_of_height
from annotations.path import meets, spine_of_path
from annotations.pressure import Pressure
from annotations.protocol import library, open_protocol
from annotations.safety import measured_skin
from annotations.skin_map import skin_map
from annotations.technique import Technique
from annotations.verdict import Verdict
from meshes.atlas import Body
from meshes.build import builtin as build_builtin
from meshes.skin_surface import skin_of
from meshes.terminology import Side

if TYPE_CHECKING:
    from meshes.atlas import Atlas

BODIES = {
    "woman of the 5th percentile": Body(152.5, "female", 20.0),
    "woman of the 95th percentile": Body(174.0, "female", 32.0),
    "man of the 5th percentile": Body(164.8, "male", 20.0),
    "man of the 95th percentile": Body(187.0, "male", 32.0),
}
CLEAN = [name for name in sorted(library()) if not open_protocol(name).not_to_do]


@pytest.fixture(scope="module", params=list(BODIES))
def person(request: pytest.FixtureRequest) -> Atlas:
    return build_builtin(BODIES[request.param])


def _findings(atlas: Atlas, name: str) -> list[object]:
    report = check(atlas, open_protocol(name))
    return [(stroke.name, stroke.findings) for stroke in report.strokes if stroke.findings]


def test_every_protocol_at_rest_is_clean_on_every_body(person: Atlas) -> None:
    found = {name: _findings(person, name) for name in CLEAN if open_protocol(name).pose == "rest"}
    assert len(found) >= 8
    assert not any(found.values()), found


def test_with_the_arm_across_the_gutter_is_clean_on_the_smallest_too() -> None:
    """The narrowest gutter; the other bodies in the pose were looked at once (docs/safety.md)."""
    name = "rhomboid_gutter_arm_across"
    posed = build_builtin(BODIES["woman of the 5th percentile"], pose=open_protocol(name).pose)
    assert not _findings(posed, name)


def test_what_not_to_do_is_flagged_once_per_statement_on_every_body(person: Atlas) -> None:
    protocol = open_protocol("what_not_to_do")
    report = check(person, protocol)
    cited = [item for spec in protocol.strokes for item in spec.statements]
    assert sorted(cited) == sorted(set(cited))
    for spec, stroke in zip(protocol.strokes, report.strokes, strict=True):
        assert len(stroke.findings) == 1, (spec.name, stroke.findings)
        assert set(spec.statements) <= set(stroke.findings[0].statements)


def test_a_protocol_means_the_same_places_on_another_body(person: Atlas, builtin: Atlas) -> None:
    """Levels and muscles, not coordinates: written once, it plays on everyone."""
    for name, muscles in (
        ("erector_descent", ("longissimus_thoracis", "iliocostalis_lumborum",
                             "iliocostalis_thoracis")),
        ("rhomboid_gutter", ("rhomboid_minor", "rhomboid_major")),
        ("trapezius_ridge", ("trapezius",)),
    ):  # fmt: skip
        (stroke,) = open_protocol(name).strokes
        ends = {}
        for atlas in (person, builtin):
            points = spine_of_path(atlas, stroke.path, Side.LEFT).on(atlas)
            over = np.any([meets(atlas, points, f"{item}_left") for item in muscles], axis=0)
            # A sample at the very end may lie a millimetre beside the end of the muscle itself.
            assert over.mean() > 0.985, (name, float(over.mean()))
            ends[atlas.digest] = level_of_height(atlas.landmarks, points[[0, -1], 2])
        here, there = ends.values()
        # Within half a level at both ends, whatever the stature.
        np.testing.assert_allclose(here, there, atol=0.6, err_msg=name)
    timeline = protocol_timeline(person, open_protocol("erector_descent"))
    assert timeline.passages[0].verdict.max() <= Verdict.LIGHTEN


def _back_area(atlas: Atlas, least: Verdict, pair: tuple[Technique, Pressure]) -> float:
    """Share of the trunk's back, T1 to S1, on which the verdict is at least so strict."""
    field, skin, measured = caution_field(atlas, *pair), skin_of(atlas), measured_skin(atlas)
    level, beside = measured.values["level"], measured.values["spinous_mm"]
    back = (level > 7) & (level < 24) & (beside < 150.0) & (skin.vertex_inward[:, 1] < -0.2)
    area = skin.vertex_area
    return float(area[back & (field.verdict >= least)].sum() / area[back].sum())


def test_thinner_is_less_padding_and_more_caution() -> None:
    """The smallest woman and a heavy one: nothing is painted, the map follows the millimetres."""
    thin = build_builtin(BODIES["woman of the 5th percentile"])
    heavy = build_builtin(BODIES["woman of the 95th percentile"])
    padding = [float(np.nanmedian(skin_map(atlas, "padding").values)) for atlas in (thin, heavy)]
    assert padding[0] < padding[1] - 8.0
    for pair, more in (
        ((Technique.KNEADING, Pressure.FIRM), 1.15),
        ((Technique.SUSTAINED_PRESS, Pressure.FIRM), 1.3),
        ((Technique.FRICTION, Pressure.FIRM), 1.3),
    ):
        areas = [_back_area(atlas, Verdict.LIGHTEN, pair) for atlas in (thin, heavy)]
        assert areas[0] > more * areas[1], (pair, areas)


def test_the_pose_takes_the_medial_border_on_the_map_with_it(builtin: Atlas) -> None:
    """With the arm across, the strip over the border lies further from the spine."""
    across = build_builtin(pose="arm_across_body:1")
    beside = []
    for atlas in (builtin, across):
        field = caution_field(atlas, Technique.SUSTAINED_PRESS, Pressure.DEEP)
        border = next(i for i, rule in enumerate(field.rules) if rule.id == "medial_border")
        measured = measured_skin(atlas)
        on_it = field.rules[border].fires(measured) & (field.verdict >= Verdict.AVOID)
        level = measured.values["level"]
        strip = on_it & (level > 9) & (level < 13)
        assert strip.sum() > 30
        beside.append(float(np.median(measured.values["spinous_mm"][strip])))
    assert 25.0 < beside[1] - beside[0] < 75.0
