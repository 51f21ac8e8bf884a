"""Reading of binary glTF: plain and Draco, node trees, mirrored nodes, broken files."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshes.errors import ReadError
from meshes.readers.gltf import GltfFile
from meshes.readers.mend import Mesh, volume
from tests.glb import Node, box, write_glb


@pytest.mark.parametrize("draco", [False, True])
def test_meshes_come_back_by_name(tmp_path: Path, draco: bool) -> None:
    path = write_glb(
        tmp_path / "two.glb",
        [Node("First rib.l", box((0, 0, 0), (1, 2, 3))), Node("Femur", box((5, 5, 5), (6, 6, 6)))],
        draco=draco,
    )
    opened = GltfFile(path)
    assert opened.names == ["First rib.l", "Femur"]
    first, second = opened.meshes()
    assert first.name == "First rib.l"
    assert np.ptp(first.vertices, axis=0) == pytest.approx([1, 2, 3], abs=1e-3)
    assert second.vertices.min(axis=0) == pytest.approx([5, 5, 5], abs=1e-3)
    assert volume(Mesh(first.vertices, first.faces)) == pytest.approx(6.0, abs=0.01)


def test_only_wanted_meshes_are_decoded(tmp_path: Path) -> None:
    nodes = [Node("a", box((0, 0, 0), (1, 1, 1))), Node("b", box((0, 0, 0), (1, 1, 1)))]
    assert [mesh.name for mesh in GltfFile(write_glb(tmp_path / "x.glb", nodes)).meshes({"b"})] == [
        "b"
    ]


def test_nodes_are_placed_by_their_ancestors(tmp_path: Path) -> None:
    cube = box((0, 0, 0), (1, 1, 1))
    quarter = float(np.sqrt(0.5))
    path = write_glb(
        tmp_path / "tree.glb",
        [
            Node("trunk", cube, (("translation", [10, 0, 0]),), children=(1,)),
            # A quarter turn about z takes x to y.
            Node("limb", cube, (("rotation", [0, 0, quarter, quarter]), ("scale", [4, 1, 1]))),
        ],
    )
    trunk, limb = GltfFile(path).meshes()
    assert trunk.vertices.min(axis=0) == pytest.approx([10, 0, 0])
    assert limb.vertices.min(axis=0) == pytest.approx([9, 0, 0], abs=1e-6)
    assert limb.vertices.max(axis=0) == pytest.approx([10, 4, 1], abs=1e-6)


def test_a_mirroring_node_keeps_the_faces_outward(tmp_path: Path) -> None:
    path = write_glb(
        tmp_path / "mirror.glb", [Node("left", box((1, 0, 0), (2, 1, 1)), (("scale", [-1, 1, 1]),))]
    )
    (mesh,) = GltfFile(path).meshes()
    assert mesh.vertices[:, 0].max() == pytest.approx(-1.0)
    assert volume(Mesh(mesh.vertices, mesh.faces)) == pytest.approx(1.0)


def test_broken_files_are_named(tmp_path: Path) -> None:
    whole = write_glb(tmp_path / "whole.glb", [Node("a", box((0, 0, 0), (1, 1, 1)))]).read_bytes()
    cases = {
        "short.glb": whole[: len(whole) // 2],
        "empty.glb": b"",
        "text.glb": b"this is no mesh at all, whatever its name says",
        "page.glb": whole[:20] + b"#" + whole[21:],
    }
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ReadError, match=name):
            list(GltfFile(tmp_path / name).meshes())
    with pytest.raises(ReadError, match=r"absent\.glb"):
        GltfFile(tmp_path / "absent.glb")


def test_damaged_draco_data_name_the_mesh(tmp_path: Path) -> None:
    path = write_glb(tmp_path / "d.glb", [Node("Axis", box((0, 0, 0), (1, 1, 1)))], draco=True)
    data = bytearray(path.read_bytes())
    data[-150:] = b"\x00" * 150
    path.write_bytes(bytes(data))
    with pytest.raises(ReadError, match="Axis"):
        list(GltfFile(path).meshes())


@given(st.data())
def test_no_damage_ends_in_anything_but_a_read_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.glb"
    whole = bytearray(write_glb(path, [Node("a", box((0, 0, 0), (1, 1, 1)))]).read_bytes())
    text = len(whole) - 8 - 26 * 12 - 48 * 12
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, text))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(whole))
    with suppress(ReadError):
        for mesh in GltfFile(path).meshes():
            assert mesh.faces.max(initial=0) < len(mesh.vertices)
