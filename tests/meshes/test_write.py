from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from meshes.errors import InputError, UnknownName
from meshes.write import write_meshes
from tests.phantom import phantom_atlas

ATLAS = phantom_atlas()
IDS = ("trapezius_left", "vertebra_T4", "kidney_right")
COUNT = sum(ATLAS[name].surface.triangle_count for name in IDS)


@pytest.mark.parametrize("suffix", [".obj", ".ply", ".stl"])
def test_trimesh_reads_what_was_written(tmp_path: Path, suffix: str) -> None:
    import trimesh

    path = tmp_path / f"a{suffix}"
    write_meshes(path, ATLAS, ("kidney_right",))
    found = trimesh.load(path, force="mesh", process=False)
    assert len(found.faces) == ATLAS["kidney_right"].surface.triangle_count
    np.testing.assert_allclose(found.bounds, ATLAS["kidney_right"].surface.bounds, atol=1e-3)
    assert ATLAS.licence.encode() in path.read_bytes()


def test_vtk_reads_structures_parts_and_names(tmp_path: Path) -> None:
    import pyvista

    write_meshes(tmp_path / "a.vtp", ATLAS, IDS)
    found = pyvista.read(tmp_path / "a.vtp")
    assert found.n_cells == COUNT
    about = json.loads(found.field_data["palpate"][0])
    assert [row["id"] for row in about["structures"]] == list(IDS)
    assert "LPS" in about["frame"]
    own = found.extract_cells(np.flatnonzero(found.cell_data["structure"] == 2))
    np.testing.assert_allclose(
        np.reshape(own.bounds, (3, 2)).T, ATLAS["kidney_right"].surface.bounds, atol=1e-3
    )
    vertebra = found.cell_data["part"][found.cell_data["structure"] == 1]
    np.testing.assert_array_equal(vertebra, ATLAS["vertebra_T4"].surface.part)


def test_parts_are_groups_in_obj(tmp_path: Path) -> None:
    write_meshes(tmp_path / "a.obj", ATLAS, IDS)
    lines = (tmp_path / "a.obj").read_text().splitlines()
    assert [line[2:] for line in lines if line.startswith("o ")] == list(IDS)
    assert "g vertebra_T4/spinous_process" in lines
    assert sum(line.startswith("f ") for line in lines) == COUNT


def test_facets_of_stl_are_numbered(tmp_path: Path) -> None:
    write_meshes(tmp_path / "a.stl", ATLAS, IDS)
    data = (tmp_path / "a.stl").read_bytes()
    rows = np.frombuffer(data[84:], dtype=[("skip", "u1", 48), ("structure", "<u2")])
    assert np.unique(rows["structure"]).tolist() == [0, 1, 2]
    assert len(rows) == COUNT


def test_other_endings_and_ids_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.obj, \.ply, \.stl, \.vtp"):
        write_meshes(tmp_path / "a.fbx", ATLAS)
    with pytest.raises(UnknownName, match="kidney_right"):
        write_meshes(tmp_path / "a.obj", ATLAS, ("kidny_right",))
    assert not list(tmp_path.iterdir())
