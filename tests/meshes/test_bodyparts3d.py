"""BodyParts3D and folders of one's own meshes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from meshes.errors import InputError, ReadError, UnknownName
from meshes.readers import reader
from meshes.readers.bodyparts3d import mapping, target_of
from meshes.terminology import Provenance, Side
from tests.glb import Node, box, write_glb

CENTRE = np.array(mapping()["frame"]["disc_centre_mm"])


@pytest.mark.parametrize(
    ("stem", "target"),
    [
        ("FJ126_BP62491_FMA13383_Right_rhomboid_minor", "rhomboid_minor_right"),
        ("FJ398_BP63729_FMA33587_Descending_part_of_left_trapezius", "trapezius_left/descending"),
        ("FJ1_BP1_FMA13396_Left_scapula", "scapula_left"),
        ("FJ2_BP2_FMA999999_Right_third_rib", "rib_3_right"),  # by name where the id is unknown
        ("FMA13072", "vertebra_L1"),
        ("FJ3_BP3_FMA7088_Heart", None),
        ("readme", None),
    ],
)
def test_files_are_told_by_fma_id_then_by_name(stem: str, target: str | None) -> None:
    assert target_of(stem) == target


def test_parts_merge_and_foreign_units_are_converted(tmp_path: Path) -> None:
    lower, upper = box((0, -60, 1100), (60, -50, 1300)), box((0, -60, 1310), (90, -50, 1500))
    write_glb(
        tmp_path / "FJ1_BP1_FMA33583_Ascending_part_of_left_trapezius.glb", [Node("a", lower)]
    )
    write_glb(
        tmp_path / "FJ2_BP2_FMA33587_Descending_part_of_left_trapezius.glb", [Node("b", upper)]
    )
    sacrum = box((-50, -60, 810), (50, -20, 915))
    sacrum.apply_scale(1.0 / 27.637)
    write_glb(tmp_path / "FJ3_BP3_FMA16202_Sacrum.glb", [Node("c", sacrum)])
    write_glb(tmp_path / "FJ4_BP4_FMA7088_Heart.glb", [Node("d", lower)])
    atlas = reader("bodyparts3d").read(tmp_path, "bp")
    assert set(atlas) == {"sacrum", "trapezius_left"}
    muscle = atlas["trapezius_left"]
    assert muscle.parts == ("descending", "ascending")
    assert len(muscle.part_faces("ascending")) == len(lower.faces)
    assert muscle.surface.bounds == pytest.approx(
        np.array([[0, -60, 1100], [90, -50, 1500]]) - CENTRE
    )
    assert atlas["sacrum"].surface.bounds[1] == pytest.approx(
        np.array([50, -20, 915]) - CENTRE, abs=0.1
    )
    reasons = {item.source: item.reason for item in atlas.set_aside}
    assert "another unit" in reasons["FJ3_BP3_FMA16202_Sacrum.glb"]
    assert "catalogue" in reasons["FJ4_BP4_FMA7088_Heart.glb"]


def test_a_folder_without_such_files_is_refused(tmp_path: Path) -> None:
    write_glb(tmp_path / "skeletal.glb", [Node("a", box((0, 0, 0), (1, 1, 1)))])
    with pytest.raises(ReadError, match="FMA13072"):
        reader("bodyparts3d").read(tmp_path, "bp")


@pytest.mark.reference
def test_the_sample_lies_where_z_anatomy_does(shared: Path) -> None:
    atlas = reader("bodyparts3d").read(shared / "atlases" / "bodyparts3d-sample", "bp")
    assert len(atlas) == 9
    for item in atlas.values():
        assert item.origin.kind is Provenance.IMPORTED
        if item.side is not Side.MIDLINE:
            assert item.surface.centroid[0] * item.side.sign > 5.0
    # L1's upper endplate in the facts' frame: 152..167 mm above the disc for 1750 mm.
    low, high = atlas["vertebra_L1"].surface.bounds * 1.0237 * 1.0330
    assert low[2] == pytest.approx(114, abs=4)
    assert high[2] == pytest.approx(175, abs=4)


# ------------------------------------------------------------------------------ a mesh folder

PAGE = 'title = "Mine"\nlicence = "CC0"\naxes = "RAS"\norigin_mm = [0, 10, 900]\n'


def test_a_folder_of_ones_own_is_read_in_its_own_axes(tmp_path: Path) -> None:
    (tmp_path / "atlas.toml").write_text(PAGE + '[names]\n"L1 vertebra" = "vertebra_L1"\n')
    # The subject's left is at -x in RAS, behind is at -y.
    box((-60, -20, 1000), (-20, -10, 1100)).export(tmp_path / "scapula_left.stl")
    box((-20, -20, 1000), (20, 20, 1030)).export(tmp_path / "L1 vertebra.ply")
    box((0, 0, 0), (9, 9, 9)).export(tmp_path / "pocket watch.obj")
    atlas = reader("mesh-folder").read(tmp_path, "mine")
    scapula = atlas["scapula_left"].surface
    assert scapula.bounds == pytest.approx(np.array([[20, 20, 100], [60, 30, 200]]))
    assert scapula.to_trimesh().volume == pytest.approx(40 * 10 * 100)
    assert "vertebra_L1" in atlas
    assert [item.source for item in atlas.set_aside] == ["pocket watch.obj"]
    assert atlas.licence == "Mine, CC0"


@pytest.mark.parametrize(
    ("page", "error", "says"),
    [
        (None, ReadError, "title, licence"),
        ('title = "Mine"\n', ReadError, "licence required"),
        (PAGE.replace("RAS", "RAF"), InputError, "RAF"),
        (PAGE.replace("RAS", "RLS"), InputError, "RLS"),
        (PAGE.replace("[0, 10, 900]", "[0, 10]"), ReadError, "three numbers"),
        (PAGE.replace("origin_mm", "# origin_mm"), ReadError, "vertebra_L5"),
        (PAGE + '[names]\nscapula_left = "scapula_lft"\n', UnknownName, "scapula_left"),
        (PAGE + '[names]\nscapula_left = "scapula_left/spin"\n', UnknownName, "spine"),
        ("title = [", ReadError, "TOML"),
    ],
)
def test_a_mistake_in_the_page_is_one_line(
    tmp_path: Path, page: str | None, error: type[Exception], says: str
) -> None:
    if page is not None:
        (tmp_path / "atlas.toml").write_text(page)
    box((-60, -20, 1000), (-20, -10, 1100)).export(tmp_path / "scapula_left.stl")
    with pytest.raises(error, match=says) as caught:
        reader("mesh-folder").read(tmp_path, "mine")
    assert "\n" not in str(caught.value)


def test_a_broken_mesh_is_named(tmp_path: Path) -> None:
    (tmp_path / "atlas.toml").write_text(PAGE)
    (tmp_path / "scapula_left.stl").write_bytes(b"solid nothing\nendsolid")
    with pytest.raises(ReadError, match=r"scapula_left\.stl"):
        reader("mesh-folder").read(tmp_path, "mine")
