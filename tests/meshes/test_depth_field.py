"""The depth field of the phantom: the same answers as the probe, cached, mirrored."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from meshes import depth_field as module
from meshes.atlas import Atlas
from meshes.depth import FAT, SKIN, probe
from meshes.depth_field import DepthField, compute_depth_field, depth_field
from meshes.skin_surface import skin_of
from meshes.terminology import System, mirror_id
from tests.phantom import phantom_atlas, skin_point


@pytest.fixture(scope="module")
def field() -> DepthField:
    return compute_depth_field(phantom_atlas())


def nearest(x: float, z: float) -> int:
    return int(skin_of(phantom_atlas()).tree.query(skin_point(x, z))[1])


def test_each_needle_is_the_probe_at_its_vertex(field: DepthField) -> None:
    atlas = phantom_atlas()
    skin = skin_of(atlas)
    for x, z in ((30, 402), (0, 300), (70, 129), (110, 380), (-60, 150), (120, 0)):
        vertex = nearest(x, z)
        hits = probe(atlas, skin.vertices[vertex], field.inward[vertex])
        inner = [hit for hit in hits if hit.structure not in (SKIN, FAT)]
        rows = field.beneath(vertex)
        assert [row[0] for row in rows] == [hit.structure for hit in inner]
        np.testing.assert_allclose([row[1] for row in rows], [h.enter_mm for h in inner], atol=0.01)
        bones = [hit for hit in inner if hit.system is System.SKELETAL]
        if bones:
            assert field.padding_mm[vertex] == pytest.approx(bones[0].enter_mm, abs=0.01)
            assert field.bones[field.first_bone[vertex]] == bones[0].structure
            part = field.first_part[vertex]
            assert (field.parts[part] if part >= 0 else None) == bones[0].part
        else:
            assert np.isinf(field.padding_mm[vertex])
            assert field.first_bone[vertex] == -1


def test_the_field_of_a_few_vertices_is_what_it_is_there(field: DepthField) -> None:
    vertices = [nearest(30, 402), nearest(0, 300), nearest(-60, 150)]
    few = np.array(vertices)
    part = field.at(few)
    assert len(part) == 3
    for row, vertex in enumerate(vertices):
        assert part.beneath(row) == field.beneath(vertex)
    np.testing.assert_array_equal(part.padding_mm, field.padding_mm[few])
    np.testing.assert_array_equal(part.inward, field.inward[few])
    for name in ("kidney_left", "trapezius_left"):
        np.testing.assert_array_equal(part.depth_to(name), field.depth_to(name)[few])


def test_over_a_spinous_process(field: DepthField) -> None:
    vertex = nearest(0.0, 402.2)
    assert field.padding_mm[vertex] == pytest.approx(12.0, abs=0.3)
    assert field.bones[field.first_bone[vertex]] == "vertebra_T4"
    assert field.parts[field.first_part[vertex]] == "spinous_process"
    assert field.spinous_mm[vertex] < 1.0
    assert field.muscle_mm[vertex] == 0.0


def test_muscle_over_bone_and_in_all(field: DepthField) -> None:
    vertex = nearest(30.0, 402.2)
    assert field.muscle_mm[vertex] == pytest.approx(7 + 6 + 17 + 5, abs=0.6)
    assert (field.muscle_total_mm >= field.muscle_mm - 1e-3).all()
    over_bone = np.isfinite(field.padding_mm)
    assert (field.muscle_mm[over_bone] <= field.padding_mm[over_bone] + 1e-3).all()


def test_kidney(field: DepthField) -> None:
    assert field.kidney_mm[nearest(72.0, 154.0)] == pytest.approx(64.0, abs=2.0)
    inside = np.isfinite(field.kidney_mm)
    assert (field.kidney_margin_mm[inside] == 0.0).all()
    assert (field.kidney_margin_mm[~inside] > 0.0).all()
    assert field.kidney_margin_mm[nearest(0.0, 402.2)] > 150.0
    np.testing.assert_array_equal(
        field.kidney_mm, field.depth_to("kidney_left", "kidney_right", "no_such_structure")
    )


def test_spinous_distance_is_measured_along_the_skin(field: DepthField) -> None:
    skin = skin_of(phantom_atlas())
    vertex = nearest(140.0, 300.0)
    angle = np.linspace(0.0, np.arcsin(abs(skin.vertices[vertex, 0]) / 170.0), 400)
    arc = np.stack([170 * np.sin(angle), 115 * np.cos(angle)], axis=1)
    length = np.linalg.norm(np.diff(arc, axis=0), axis=1).sum()
    assert field.spinous_mm[vertex] == pytest.approx(length, rel=0.015)
    assert field.spinous_mm[vertex] > 1.04 * abs(skin.vertices[vertex, 0])


def test_mirror_image(field: DepthField) -> None:
    skin = skin_of(phantom_atlas())
    other = skin.tree.query(skin.vertices * [-1, 1, 1])[1]
    for name in ("padding_mm", "spinous_mm", "muscle_mm"):
        values = getattr(field, name)
        np.testing.assert_allclose(values, values[other], atol=0.06)


def test_nothing_known_beneath(field: DepthField) -> None:
    front = int(np.argmin(skin_of(phantom_atlas()).vertices[:, 1]))
    assert not field.known[front]
    assert np.isinf(field.padding_mm[front])
    assert np.isinf(field.surface_mm[front])
    assert field.surface_structure[front] == -1


def test_kept_on_disk_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = replace(phantom_atlas(), digest="kept-on-disk")
    made = depth_field(first)
    files = list(tmp_path.rglob("*.npz"))
    assert len(files) == 1
    assert "kept-on-disk" in files[0].name
    monkeypatch.setattr(module, "compute_depth_field", lambda atlas: pytest.fail("not read"))
    again = depth_field(replace(first))
    assert again is not made
    assert again.names == made.names
    np.testing.assert_array_equal(again.padding_mm, made.padding_mm)
    np.testing.assert_array_equal(again.first, made.first)


def test_a_broken_file_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    atlas = replace(phantom_atlas(), digest="broken")
    depth_field(atlas)
    (path,) = tmp_path.rglob("*.npz")
    path.write_bytes(path.read_bytes()[:1000])
    assert len(depth_field(replace(atlas))) == len(atlas["skin"].surface.vertices)


def test_an_unwritable_cache_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert len(depth_field(replace(phantom_atlas(), digest="nowhere"))) > 0


def test_only_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "palpate" / "depth"
    folder.mkdir(parents=True)
    for number in range(30):
        path = folder / f"old-{number}.npz"
        path.write_bytes(b"")
        os.utime(path, (number, number))
    depth_field(replace(phantom_atlas(), digest="newest"))
    names = {path.name for path in folder.glob("*.npz")}
    assert len(names) == 12
    assert any(name.startswith("newest") for name in names)
    assert "old-29.npz" in names
    assert "old-0.npz" not in names


def test_every_needle_of_the_built_in_torso_is_in_order(builtin: Atlas) -> None:
    found = depth_field(builtin)
    assert len(found) >= 50_000
    assert (found.enter_mm >= 0.0).all()
    assert (found.exit_mm >= found.enter_mm).all()
    same = np.diff(found.vertex) == 0
    assert (np.diff(found.enter_mm)[same] >= 0.0).all()
    assert np.isfinite(found.exit_mm).all()


def test_the_mirrored_needle_meets_the_mirrored_structures(builtin: Atlas) -> None:
    found = depth_field(builtin)
    skin = skin_of(builtin)
    away, other = skin.tree.query(skin.vertices * [-1.0, 1.0, 1.0])
    pairs = np.flatnonzero((away < 0.05) & (skin.vertices[:, 0] > 5.0))
    pairs = pairs[:: max(len(pairs) // 1500, 1)]
    assert len(pairs) > 500
    # Kidneys, what dents around them and lungs (the heart takes its room from the left one)
    # differ from side to side; everything else does not.
    own = ("kidney", "lung")
    alike = 0
    for vertex in pairs:
        here, there = (
            [
                (name, enter)
                for name, enter, _ in found.beneath(int(which))
                if not name.startswith(own)
            ]
            for which in (vertex, other[vertex])
        )
        same = [mirror_id(name) for name, _ in here] == [row[0] for row in there]
        alike += same and all(abs(a[1] - b[1]) < 0.5 for a, b in zip(here, there, strict=True))
    assert alike / len(pairs) > 0.97


def test_the_field_takes_less_than_two_seconds(builtin: Atlas) -> None:
    """Best of three from scratch, ray structure included; other work on the machine is forgiven."""
    best = np.inf
    for _ in range(3):
        fresh = replace(builtin, digest="")
        start = time.perf_counter()
        made = compute_depth_field(fresh)
        best = min(best, time.perf_counter() - start)
        assert len(made) >= 50_000
        if best < 2.0:
            return
    assert best < 2.0 * max(os.getloadavg()[0], 1.0)
