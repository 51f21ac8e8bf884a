"""Rays for the depth field: ours against trimesh, PyVista and bare embree, in one table.

Run: ``python tests/benchmarks/bench_rays.py [--atlas FOLDER] [--rays 50000]``. Every row casts
the same needles from the skin through the same triangles and counts every hit.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from meshes.atlas import Atlas
from meshes.depth import LEAD, NEEDLE, needles
from meshes.depth_field import compute_depth_field
from meshes.rays import RayCaster
from meshes.skin_surface import skin_of

REPEATS = 3


def open_atlas(folder: Path | None) -> Atlas:
    if folder is not None:
        from meshes.store import load_atlas

        return load_atlas(folder)
    from meshes.build import builtin

    return builtin()


def merged(atlas: Atlas) -> tuple[np.ndarray, np.ndarray]:
    vertices, faces, count = [], [], 0
    for item in atlas.values():
        vertices.append(np.asarray(item.surface.vertices))
        faces.append(np.asarray(item.surface.faces) + count)
        count += len(item.surface.vertices)
    return np.concatenate(vertices), np.concatenate(faces)


def timed(work: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, Any]:
    best, answer = np.inf, None
    for _ in range(repeats):
        start = time.perf_counter()
        answer = work()
        best = min(best, time.perf_counter() - start)
    return best, answer


def bare_embree(vertices: np.ndarray, faces: np.ndarray) -> Callable[..., int]:
    """The least that embree needs: restart past each hit, one thread, nothing kept but a count."""
    from embreex.mesh_construction import TriangleMesh
    from embreex.rtcore_scene import EmbreeScene

    scene = EmbreeScene()
    TriangleMesh(scene, vertices.astype(np.float32), faces.astype(np.int32))

    def cast(origins: np.ndarray, directions: np.ndarray, length: float) -> int:
        live = np.arange(len(origins))
        at = np.zeros(len(origins))
        along = directions.astype(np.float32)
        hits = 0
        while len(live):
            start = (origins[live] + at[live, None] * directions[live]).astype(np.float32)
            answer = scene.run(
                start, along[live], dists=(length - at[live]).astype(np.float32), output=True
            )
            hit = answer["primID"] >= 0
            live = live[hit]
            hits += len(live)
            at[live] += answer["tfar"][hit] + 3e-4
        return hits

    cast(np.zeros((1, 3)), np.array([[0.0, 0.0, 1.0]]), 1.0)
    return cast


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--atlas", type=Path, help="atlas folder (default: the built-in torso)")
    parser.add_argument("--rays", type=int, default=50_000)
    chosen = parser.parse_args()

    atlas = open_atlas(chosen.atlas)
    vertices, faces = merged(atlas)
    skin = skin_of(atlas)
    inward = skin.vertex_inward
    pick = np.random.default_rng(0).permutation(len(skin.vertices))
    pick = np.resize(pick, chosen.rays)
    points, directions = skin.vertices[pick], inward[pick]
    origins = points - LEAD * directions
    length = NEEDLE + LEAD
    print(f"{atlas.name}: {len(faces):,} triangles, {chosen.rays:,} needles of {NEEDLE:g} mm")

    rows: list[tuple[str, float, int | None]] = []
    start = time.perf_counter()
    caster = RayCaster(atlas)
    build = time.perf_counter() - start
    seconds, found = timed(lambda: caster.cast(origins, directions, length, _ends(caster)))
    crossings = int((found.depth < length - 1e-6).sum())
    rows.append(("Palpate, all crossings, checked", seconds, crossings))
    start = time.perf_counter()
    first = needles(atlas, points, directions)
    cold = time.perf_counter() - start
    seconds, _ = timed(lambda: needles(atlas, points, directions))
    rows.append(("Palpate, entries and exits paired", seconds, None))
    seconds, _ = timed(lambda: compute_depth_field(atlas), 1)
    field_rays = len(skin.vertices)
    bare = bare_embree(vertices, faces)
    bare_seconds, count = timed(lambda: bare(origins, directions, length))
    rows.append(("bare embree, one thread, random order", bare_seconds, count))
    rows += trimesh_rows(vertices, faces, origins, directions, length)
    rows += pyvista_rows(vertices, faces, origins, directions)

    print(f"{'':42s}{'seconds':>9s}{'rays/s':>12s}{'hits':>12s}")
    for name, took, hits in rows:
        shown = "" if hits is None else f"{hits:,}"
        print(f"{name:42s}{took:9.3f}{chosen.rays / took:12,.0f}{shown:>12s}")
    print(f"ray structure built in {build:.2f} s; first call with it {cold:.2f} s "
          f"({len(first.inner):,} intervals)")  # fmt: skip
    print(f"whole depth field of {field_rays:,} skin vertices: {seconds:.2f} s")
    ours = rows[0][1]
    print(f"bare embree / ours = {bare_seconds / ours:.2f} (at least 0.7 asked for)")
    for name, took, _ in rows:
        if name.startswith("trimesh with embree"):
            print(f"trimesh with embree / ours = {took / ours:.1f} (at least 3 asked for)")


def _ends(caster: RayCaster) -> list[int]:
    return [caster.names.index(name) for name in ("skin", "subcutaneous_fat")]


def trimesh_rows(
    vertices: np.ndarray,
    faces: np.ndarray,
    origins: np.ndarray,
    directions: np.ndarray,
    length: float,
) -> list[tuple[str, float, int | None]]:
    import trimesh
    from trimesh.ray.ray_pyembree import RayMeshIntersector

    mesh = trimesh.Trimesh(vertices, faces, process=False)
    embree = RayMeshIntersector(mesh)
    embree.intersects_id(origins[:10], directions[:10])

    def all_hits() -> int:
        at, ray, _ = embree.intersects_location(origins, directions, multiple_hits=True)
        depth = np.einsum("ij,ij->i", at - origins[ray], directions[ray])
        return int((depth <= length).sum())

    seconds, hits = timed(all_hits, 1)
    rows: list[tuple[str, float, int | None]] = [("trimesh with embree, all hits", seconds, hits)]
    try:
        from trimesh.ray.ray_triangle import RayMeshIntersector as Slow

        few = 20
        slow = Slow(mesh)
        slow.intersects_id(origins[:1], directions[:1])
        seconds, _ = timed(lambda: slow.intersects_id(origins[:few], directions[:few]), 1)
        rows.append(
            (f"trimesh without embree (from {few} rays)", seconds * len(origins) / few, None)
        )
    except ImportError as error:
        print(f"trimesh without embree: not run ({error})")
    return rows


def pyvista_rows(
    vertices: np.ndarray, faces: np.ndarray, origins: np.ndarray, directions: np.ndarray
) -> list[tuple[str, float, int | None]]:
    import pyvista

    mesh = pyvista.PolyData.from_regular_faces(vertices, faces)
    rows: list[tuple[str, float, int | None]] = []
    try:
        seconds, answer = timed(lambda: mesh.multi_ray_trace(origins, directions), 1)
        rows.append(("PyVista multi_ray_trace", seconds, len(answer[0])))
    except Exception as error:  # noqa: BLE001 - whatever it lacks, the table goes on
        print(f"PyVista multi_ray_trace: not run ({error})")
    few = 100
    mesh.ray_trace(origins[0], origins[0] + 150 * directions[0])
    seconds, _ = timed(
        lambda: [
            mesh.ray_trace(a, a + 150 * b)
            for a, b in zip(origins[:few], directions[:few], strict=True)
        ],
        1,
    )
    rows.append((f"PyVista ray_trace (from {few} rays)", seconds * len(origins) / few, None))
    return rows


if __name__ == "__main__":
    main()
