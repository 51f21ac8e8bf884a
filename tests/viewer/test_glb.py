from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meshes.errors import WriteError
from meshes.frame import gltf_to_lps
from tests.viewer.strokes import ATLAS, two_hands
from viewer.export.glb import linear, save_glb
from viewer.palette import BONE

_VALIDATE = (
    "const v=require('gltf-validator');"
    "v.validateBytes(new Uint8Array(require('fs').readFileSync(process.argv[1])),{maxIssues:0})"
    ".then(r=>console.log(JSON.stringify(r.issues)))"
)


class Glb:
    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        magic, version, length = struct.unpack_from("<III", data)
        assert (magic, version, length) == (0x46546C67, 2, len(data))
        size = struct.unpack_from("<I", data, 12)[0]
        self.page: dict[str, Any] = json.loads(data[20 : 20 + size])
        self.blob = data[28 + size :]
        self.nodes = {row["name"]: row for row in self.page["nodes"]}

    def values(self, accessor: int) -> np.ndarray:
        row = self.page["accessors"][accessor]
        view = self.page["bufferViews"][row["bufferView"]]
        kind = {5120: "i1", 5121: "u1", 5122: "i2", 5123: "u2", 5125: "u4", 5126: "f4"}
        width = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}[row["type"]]
        item = np.dtype(kind[row["componentType"]])
        stride = view.get("byteStride", item.itemsize * width)
        raw = np.frombuffer(self.blob, np.uint8, stride * row["count"], view["byteOffset"])
        raw = raw.reshape(row["count"], stride)[:, : item.itemsize * width]
        return np.ascontiguousarray(raw).view(item).reshape(row["count"], width)

    def lps(self, name: str) -> np.ndarray:
        node = self.nodes[name]
        primitive = self.page["meshes"][node["mesh"]]["primitives"][0]
        points = self.values(primitive["attributes"]["POSITION"]) / 32767.0
        return gltf_to_lps()(points * node["scale"] + node["translation"])

    def colour(self, name: str) -> np.ndarray:
        """The median colour of a node's mesh as sRGB, 0..255."""
        primitive = self.page["meshes"][self.nodes[name]["mesh"]]["primitives"][0]
        row = self.page["materials"][primitive["material"]]["pbrMetallicRoughness"]
        shade = np.array(row["baseColorFactor"][:3])
        if "COLOR_0" in primitive["attributes"]:
            colours = self.values(primitive["attributes"]["COLOR_0"])[:, :3] / 255.0
            shade = shade * np.median(colours, axis=0)
        curve = np.where(shade <= 0.0031308, 12.92 * shade, 1.055 * shade ** (1 / 2.4) - 0.055)
        return np.round(255.0 * curve).astype(np.uint8)

    def channel(self, name: str, what: str) -> tuple[np.ndarray, np.ndarray, str]:
        index = self.page["nodes"].index(self.nodes[name])
        motion = self.page["animations"][0]
        for row in motion["channels"]:
            if row["target"] == {"node": index, "path": what}:
                sampler = motion["samplers"][row["sampler"]]
                times = self.values(sampler["input"])[:, 0]
                return times, self.values(sampler["output"]), sampler["interpolation"]
        raise AssertionError(f"{name} has no {what}")


@pytest.fixture(scope="module")
def glb(tmp_path_factory: pytest.TempPathFactory) -> Glb:
    path = tmp_path_factory.mktemp("glb") / "a.glb"
    save_glb(path, ATLAS, two_hands())
    assert [item.name for item in path.parent.iterdir()] == ["a.glb"]
    return Glb(path)


def test_every_structure_is_a_named_node_that_says_what_it_is(glb: Glb) -> None:
    for item in ATLAS.structures.values():
        extras = glb.nodes[item.id]["extras"]
        assert extras["side"] == item.side.value
        assert extras["layer"] == int(item.layer)
        assert extras["english"] == item.entry.english
        assert extras["system"] == item.system.value


@pytest.mark.parametrize("name", ["trapezius_left", "kidney_right", "skin", "vertebra_T4"])
def test_left_is_left_and_lengths_are_metres(glb: Glb, name: str) -> None:
    points = glb.lps(name)
    bounds = ATLAS[name].surface.bounds
    np.testing.assert_allclose(points.min(axis=0), bounds[0], atol=0.05)
    np.testing.assert_allclose(points.max(axis=0), bounds[1], atol=0.05)


def test_colours_are_linear(glb: Glb) -> None:
    primitive = glb.page["meshes"][glb.nodes["vertebra_T4"]["mesh"]]["primitives"][0]
    factor = glb.page["materials"][primitive["material"]]["pbrMetallicRoughness"]
    np.testing.assert_allclose(factor["baseColorFactor"][:3], linear(BONE), atol=1e-6)
    assert linear((255, 0, 188)) == pytest.approx([1.0, 0.0, 0.503], abs=1e-3)


def test_hands_follow_the_skin(glb: Glb) -> None:
    times, place, _ = glb.channel("hand_1_palm_left", "translation")
    for t, at in zip(times, place, strict=True):
        contact = two_hands().passages[0].at(float(t))
        wanted = contact.position - contact.dent_mm * contact.normal
        np.testing.assert_allclose(gltf_to_lps()(at), wanted, atol=0.1)
    _, turned, _ = glb.channel("hand_1_palm_left", "rotation")
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1.0, atol=1e-5)
    times, scale, how = glb.channel("hand_1_palm_left", "scale")
    assert how == "STEP"
    np.testing.assert_allclose(times, [0.0, 0.2, 1.6], atol=1e-6)
    np.testing.assert_array_equal(scale[:, 0], [0.0, 1.0, 0.0])


def test_hands_point_where_the_fingers_point(glb: Glb) -> None:
    from scipy.spatial.transform import Rotation

    _, turned, _ = glb.channel("hand_2_palm_right", "rotation")
    ahead = Rotation.from_quat(turned[0]).apply([1.0, 0.0, 0.0])
    np.testing.assert_allclose(gltf_to_lps(1.0)(ahead), [0.0, 0.0, 1.0], atol=0.1)


def test_peeling_is_scale_in_steps(glb: Glb) -> None:
    times, scale, how = glb.channel("layer_0", "scale")
    assert how == "STEP"
    assert scale[0, 0] == 1.0
    assert scale[-1, 0] == 0.0
    assert 1.0 < times[-1] < 2.0
    assert glb.channel("layer_2", "scale")[1][0, 0] == 0.0


def test_licence_and_notice_are_carried(glb: Glb) -> None:
    asset = glb.page["asset"]
    assert ATLAS.licence in asset["copyright"]
    assert "does not diagnose" in asset["copyright"]
    assert asset["extras"]["licence"] == ATLAS.licence


def test_without_a_timeline_there_is_no_animation(tmp_path: Path) -> None:
    save_glb(tmp_path / "still.glb", ATLAS)
    assert "animations" not in Glb(tmp_path / "still.glb").page
    with pytest.raises(WriteError, match="does not exist"):
        save_glb(tmp_path / "no" / "still.glb", ATLAS)


def test_the_khronos_validator_finds_nothing(tmp_path: Path) -> None:
    node = shutil.which("node")
    modules = os.environ.get("PALPATE_NODE_MODULES", "")
    if node is None or not (Path(modules) / "gltf-validator").is_dir() or not modules:
        pytest.skip("no node, or PALPATE_NODE_MODULES names no folder with gltf-validator")
    save_glb(tmp_path / "a.glb", ATLAS, two_hands())
    run = subprocess.run(
        [node, "-e", _VALIDATE, str(tmp_path / "a.glb")],
        env={**os.environ, "NODE_PATH": modules},
        capture_output=True,
        check=True,
        timeout=60,
    )
    issues = json.loads(run.stdout)
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0), issues["messages"][:3]
