"""Z-Anatomy: a small source of the same make, and the real one where it is at hand."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import trimesh

from meshes.atlas import Atlas
from meshes.catalogue import load_catalogue
from meshes.errors import ReadError, UnknownName
from meshes.readers import mend, reader, reader_names
from meshes.readers.gltf import GltfFile
from meshes.readers.z_anatomy import mapping
from meshes.structure import Structure
from meshes.terminology import Provenance, Side, System, mirror_id
from tests.glb import Node, box, sheet, write_glb

TORSO = {"neck", "back", "thorax", "abdomen", "pelvis", "shoulder", "hip"}
SCALE = 1.0237  # the facts stand for 1750 mm, the source for its own stature


def lps(low: tuple[float, float, float], high: tuple[float, float, float]) -> trimesh.Trimesh:
    """A box given in LPS millimetres, as the source would hold it (metres, Y up, Z anterior)."""
    body = box(low, high)
    x, y, z = body.vertices.T / 1000.0
    return trimesh.Trimesh(np.stack([x, z, -y], axis=1), body.faces, process=False)


def both(low: tuple[float, float, float], high: tuple[float, float, float]) -> trimesh.Trimesh:
    mirrored = lps((-high[0], low[1], low[2]), (-low[0], high[1], high[2]))
    return trimesh.util.concatenate([lps(low, high), mirrored])


def tilted(body: trimesh.Trimesh) -> trimesh.Trimesh:
    """Turned about the centre of the disc so that L5 faces the sacrum down and back."""
    turn = trimesh.transformations.rotation_matrix(np.radians(35), (1, 0, 0), (0, 0.97, -0.02))
    return body.apply_transform(turn)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A torso of boxes: L5 and sacrum around a disc at (0, 20, 970), clavicles, three muscles."""
    write_glb(
        tmp_path / "skeletal.glb",
        [
            Node("Vertebra L5", tilted(lps((-25, 0, 975), (25, 80, 1003)))),
            Node("Sacrum", tilted(lps((-30, 0, 865), (30, 40, 965)))),
            Node("Clavicle.l", lps((10, 0, 1400), (150, 10, 1410))),
            Node("Clavicle.r", lps((-150, 0, 1400), (-10, 10, 1410))),
            Node("Manubrium of sternum", lps((-25, -80, 1350), (25, -70, 1400))),
            Node("Body of sternum", lps((-25, -100, 1240), (25, -90, 1350))),
            Node("Femur.l", lps((70, 0, 430), (90, 20, 900))),
            Node("Stapes.l", lps((40, 0, 1580), (44, 4, 1584))),
            Node("Third eye", lps((-4, -90, 1600), (4, -80, 1610))),
        ],
        draco=True,
    )
    fascia = sheet((0.1, -0.05), (0.3, 0.05), 0.0)
    write_glb(
        tmp_path / "muscular.glb",
        [
            Node(
                "trapezius",
                trimesh.util.concatenate(
                    [
                        lps((-100, 80, 1120), (100, 90, 1300)),
                        both((10, 80, 1310), (120, 90, 1400)),
                        lps((-60, 60, 1410), (60, 70, 1560)),
                        fascia,
                    ]
                ),
            ),
            Node("iliocostalis_colli", lps((-60, 60, 1330), (-40, 70, 1480))),
            Node("diaphragm", lps((-120, -90, 1100), (120, 60, 1200))),
            Node("muscular_system", fascia),
        ],
        draco=True,
    )
    write_glb(tmp_path / "regions.glb", [Node("hip_region", lps((0, 0, 0), (9, 9, 9)))])
    return tmp_path


def read(folder: Path) -> Atlas:
    return reader("z-anatomy").read(folder, "small")


def test_the_small_source_is_mapped_split_and_placed(small: Path) -> None:
    atlas = read(small)
    assert set(atlas) == {
        "vertebra_L5",
        "sacrum",
        "clavicle_left",
        "clavicle_right",
        "sternum",
        "trapezius_left",
        "trapezius_right",
        "iliocostalis_cervicis_left",
        "iliocostalis_cervicis_right",
        "diaphragm",
        "femur_left",
    }
    assert atlas["vertebra_L5"].surface.bounds.mean(axis=0)[0] == pytest.approx(0.0, abs=0.01)
    # The boxes face each other across 10 mm over y 0..36 (the front share of L5), middle (18, 970).
    clavicle = atlas["clavicle_left"].surface
    assert clavicle.bounds[0] == pytest.approx([10, 0 - 18, 1400 - 970], abs=4.0)
    assert clavicle.bounds[1] - clavicle.bounds[0] == pytest.approx([140, 10, 10], abs=0.1)
    assert all(item.origin.kind is Provenance.IMPORTED for item in atlas.values())
    assert all(item.origin.licence == "CC BY-SA 4.0" for item in atlas.values())


def test_limbs_end_where_the_torso_ends(small: Path) -> None:
    atlas = read(small)
    femur = atlas["femur_left"]
    assert femur.surface.bounds[0, 2] == pytest.approx(mapping()["trim"]["femur"], abs=0.01)
    assert len(mend.rim(mesh_of(femur))) == 0
    assert any(
        "outside the torso" in item.reason and "femur_left" in item.source
        for item in atlas.set_aside
    )


def test_parts_of_the_source_become_parts(small: Path) -> None:
    atlas = read(small)
    for side in ("left", "right"):
        muscle = atlas[f"trapezius_{side}"]
        assert muscle.parts == ("ascending", "transverse", "descending")
        height = [
            muscle.surface.vertices[muscle.surface.faces[muscle.part_faces(part)]][..., 2].mean()
            for part in muscle.parts
        ]
        assert height == sorted(height)
        assert len(mend.rim(mesh_of(muscle))) == 0
    assert atlas["sternum"].parts == ("manubrium", "body")


def test_nothing_of_the_source_is_dropped_silently(small: Path) -> None:
    atlas = read(small)
    reasons = {item.source: item.reason for item in atlas.set_aside}
    assert "middle ear" in reasons["skeletal.glb: Stapes.l"]
    assert "mapping table" in reasons["skeletal.glb: Third eye"]
    assert "fascia sheet" in reasons["muscular.glb: muscular_system"]
    assert "open fascia sheet" in reasons["muscular.glb: trapezius, pieces of it"]
    assert "mirrored" in reasons["muscular.glb: iliocostalis_colli (left)"]
    assert "skin" in reasons["regions.glb: hip_region"]
    assert any("semispinalis_capitis" in note for note in atlas.notes)


def test_a_missing_file_and_a_missing_bone_are_named(small: Path) -> None:
    (small / "muscular.glb").rename(small / "elsewhere.txt")
    with pytest.raises(ReadError, match=r"muscular\.glb missing"):
        read(small)
    (small / "elsewhere.txt").rename(small / "muscular.glb")
    write_glb(small / "skeletal.glb", [Node("Sacrum", lps((-3, 0, 0), (3, 4, 5)))])
    with pytest.raises(ReadError, match="vertebra_L5"):
        read(small)


def test_readers_are_found_by_name() -> None:
    assert all(reader(name).TITLE for name in reader_names())
    with pytest.raises(UnknownName, match="z-anatomy"):
        reader("z-anatomi")


def test_the_mapping_table_names_catalogue_entries_once() -> None:
    table, catalogue = mapping(), load_catalogue()
    targets = [*table["bones"].values(), *table["muscles"].values()]
    assert len(targets) == len(set(targets))
    for target in targets:
        base, _, part = target.partition("/")
        entry = catalogue[base if base in catalogue else f"{base}_left"]
        assert not part or part in {row.id for row in entry.parts}
    for source, rule in table["parts"].items():
        entry = catalogue[f"{table['muscles'][source]}_left"]
        assert {part.id for part in entry.parts} == set(rule["order"])
    for source in table["special"]:
        assert source in table["muscles"]


def mesh_of(item: Structure) -> mend.Mesh:
    return mend.Mesh(item.surface.vertices.astype(np.float64), item.surface.faces.astype(np.int64))


# ----------------------------------------------------------------------------- the real source


@pytest.mark.reference
def test_every_source_mesh_is_accounted_for(za: Atlas, shared: Path) -> None:
    named = " ".join(item.origin.source for item in za.values())
    named += " ".join(item.source for item in za.set_aside)
    for path in sorted((shared / "atlases" / "z-anatomy").glob("*.glb")):
        assert [name for name in GltfFile(path).names if name not in named] == []
    assert not [item for item in za.set_aside if "mapping table" in item.reason]


@pytest.mark.reference
def test_enough_is_mapped_and_on_its_side(za: Atlas) -> None:
    mapped = [item for item in za.values() if item.origin.kind is Provenance.IMPORTED]
    assert sum(item.entry.region in TORSO for item in mapped) >= 180
    for item in mapped:
        x = item.surface.centroid[0]
        if item.side is Side.MIDLINE:
            assert abs(x) < 5.0, item.id
        else:
            assert x * item.side.sign > 1.0, item.id
            other = za[mirror_id(item.id)].surface
            assert np.abs(item.surface.bounds[:, 1:] - other.bounds[:, 1:]).max() < 6.0, item.id


@pytest.mark.reference
def test_the_frame_is_that_of_the_facts(za: Atlas, shared: Path) -> None:
    page = json.loads((shared / "facts" / "anatomy-facts.json").read_text(encoding="utf-8"))
    found = 0
    for fact in page["facts"]:
        match = re.fullmatch(r"spine\.([CTL]\d+)\.TP_tip_z", fact["id"])
        if match:
            bone = za[f"vertebra_{match[1]}"].surface
            tip = bone.vertices[bone.vertices[:, 0].argmax()] * SCALE
            assert tip[2] == pytest.approx(fact["value"], abs=4.0), fact["id"]
            found += 1
    assert found >= 20


@pytest.mark.reference
def test_fascia_sheets_do_not_pass_as_muscle(za: Atlas) -> None:
    reasons = {item.source: item.reason for item in za.set_aside}
    for sheet_of in ("deltoid", "quadratus_lumborum", "transversus_abdominis", "scalenus_medius"):
        assert "fascia sheet" in reasons[f"muscular.glb: {sheet_of}, pieces of it"]
    for name in ("iliopsoas", "scapulohumeral_mucles", "muscular_system", "iliocostalis_muscles"):
        assert "fascia sheet" in reasons[f"muscular.glb: {name}"]
    assert "semispinalis_capitis_left" not in za
    assert za["deltoid_left"].parts == ("clavicular", "acromial", "spinal")
    left, right = (za[f"deltoid_{side}"].surface.triangle_count for side in ("left", "right"))
    assert abs(left - right) < 10


@pytest.mark.reference
def test_surfaces_are_clean_and_outward(za: Atlas) -> None:
    faulty = {item.source for item in za.set_aside if "not watertight" in item.reason}
    for item in za.values():
        if item.origin.kind is not Provenance.IMPORTED:
            continue
        mesh = mesh_of(item)
        assert len(mend.tidy(mesh).faces) == len(mesh.faces), item.id
        assert mend.volume(mesh) > 0.0, item.id
        names = re.findall(r"\.glb: (.*)", item.origin.source)[0].split(", ")
        if len(mend.rim(mesh)):
            assert any(name in source for name in names for source in faulty), item.id
    closed = sum(len(mend.rim(mesh_of(item))) == 0 for item in za.values())
    assert closed > 0.85 * len(za)
    assert not {item.system for item in za.values()} - set(System)
