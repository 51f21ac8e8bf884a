"""Rays for the depth field: ours against trimesh, PyVista and bare embree, in one table.

Run: ``python tests/benchmarks/bench_rays.py [--atlas FOLDER] [--rays 50000]``. Every row casts
the same needles from the skin through the same triangles and counts every hit. The rows are
timed in turn, three times over, so that whatever else the machine does falls on all of them; the
best time of each counts. Needs ``rtree`` for trimesh without embree.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.depth import LEAD, NEEDLE, needles
from meshes.depth_field import compute_depth_field
from meshes.rays import RayCaster
from meshes.skin_surface import skin_of

ROUNDS = 3
#: Rays for the two that cast them one by one in Python; their time is scaled up.
FEW = 20

Floats = NDArray[np.float64]
Row = tuple[str, Callable[[], int | None], int]


@dataclass(frozen=True)
class Needles:
    """What every row casts."""

    vertices: Floats
    faces: NDArray[np.int32]
    origins: Floats
    directions: Floats
    length: float


def open_atlas(folder: Path | None) -> Atlas:
    if folder is not None:
        from meshes.store import load_atlas

        return load_atlas(folder)
    from meshes.build import builtin

    return builtin()


def needles_of(atlas: Atlas, rays: int) -> Needles:
    vertices, faces, count = [], [], 0
    for item in atlas.values():
        vertices.append(np.asarray(item.surface.vertices, dtype=np.float64))
        faces.append(np.asarray(item.surface.faces) + count)
        count += len(item.surface.vertices)
    skin = skin_of(atlas)
    pick = np.resize(np.random.default_rng(0).permutation(len(skin.vertices)), rays)
    directions = skin.vertex_inward[pick]
    origins = skin.vertices[pick] - LEAD * directions
    whole = np.concatenate(vertices)
    return Needles(whole, np.concatenate(faces), origins, directions, NEEDLE + LEAD)


def bare_embree(cast: Needles) -> Callable[[], int]:
    """The least that embree needs: restart past each hit, nothing kept but a count."""
    from embreex.mesh_construction import TriangleMesh
    from embreex.rtcore_scene import EmbreeScene

    scene = EmbreeScene()
    TriangleMesh(scene, cast.vertices.astype(np.float32), cast.faces.astype(np.int32))
    along = cast.directions.astype(np.float32)

    def count() -> int:
        live = np.arange(len(cast.origins))
        at = np.zeros(len(live))
        hits = 0
        while len(live):
            start = cast.origins[live] + at[live, None] * cast.directions[live]
            reach = (cast.length - at[live]).astype(np.float32)
            answer = scene.run(start.astype(np.float32), along[live], dists=reach, output=True)
            hit = answer["primID"] >= 0
            live = live[hit]
            hits += len(live)
            at[live] += answer["tfar"][hit] + 3e-4
        return hits

    scene.run(np.zeros((1, 3), np.float32), np.array([[0, 0, 1]], np.float32))
    return count


def trimesh_rows(cast: Needles, without: bool) -> list[Row]:
    import trimesh
    from trimesh.ray.ray_pyembree import RayMeshIntersector

    mesh = trimesh.Trimesh(cast.vertices, cast.faces, process=False)
    embree = RayMeshIntersector(mesh)
    embree.intersects_id(cast.origins[:10], cast.directions[:10])

    def all_hits() -> int:
        at, ray, _ = embree.intersects_location(cast.origins, cast.directions, multiple_hits=True)
        depth = np.einsum("ij,ij->i", at - cast.origins[ray], cast.directions[ray])
        return int((depth <= cast.length).sum())

    rows: list[Row] = [("trimesh with embree", all_hits, len(cast.origins))]
    if without:
        from trimesh.ray.ray_triangle import RayMeshIntersector as WithoutEmbree

        slow = WithoutEmbree(mesh)
        slow.intersects_id(cast.origins[:1], cast.directions[:1])

        def few() -> None:
            slow.intersects_id(cast.origins[:FEW], cast.directions[:FEW])

        rows.append((f"trimesh without embree (from {FEW})", few, FEW))
    return rows


def pyvista_row(cast: Needles) -> Row:
    import pyvista

    mesh = pyvista.PolyData.from_regular_faces(cast.vertices, cast.faces)

    def all_hits() -> int:
        points, ray, _ = mesh.multi_ray_trace(cast.origins, cast.directions)
        depth = np.einsum("ij,ij->i", points - cast.origins[ray], cast.directions[ray])
        return int((depth <= cast.length).sum())

    return "PyVista multi_ray_trace", all_hits, len(cast.origins)


def timed(rows: list[Row]) -> dict[str, tuple[float, float, int | None]]:
    """Best time per row and processor time of that round, for all rays; number of hits."""
    found: dict[str, tuple[float, float, int | None]] = {}
    total = max(rays for _, _, rays in rows)
    for _ in range(ROUNDS):
        for name, work, rays in rows:
            start, busy = time.perf_counter(), time.process_time()
            hits = work()
            took = (time.perf_counter() - start) * total / rays
            spent = (time.process_time() - busy) * total / rays
            if name not in found or took < found[name][0]:
                found[name] = (took, spent, hits)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--atlas", type=Path, help="atlas folder (default: the built-in torso)")
    parser.add_argument("--rays", type=int, default=50_000)
    parser.add_argument("--quick", action="store_true", help="leave out trimesh without embree")
    chosen = parser.parse_args()

    atlas = open_atlas(chosen.atlas)
    cast = needles_of(atlas, chosen.rays)
    print(f"{atlas.name}: {len(cast.faces):,} triangles, {chosen.rays:,} needles of {NEEDLE:g} mm")
    start = time.perf_counter()
    caster = RayCaster(atlas)
    build = time.perf_counter() - start
    ends = [caster.names.index(name) for name in ("skin", "subcutaneous_fat")]
    points = cast.origins + LEAD * cast.directions

    def ours() -> int:
        found = caster.cast(cast.origins, cast.directions, cast.length, ends)
        return int((found.depth < cast.length - 1e-6).sum())

    def paired() -> None:
        needles(atlas, points, cast.directions)

    own, bare = "Palpate, all hits, checked", "bare embree, one thread"
    theirs = "trimesh with embree"
    rows: list[Row] = [
        (own, ours, chosen.rays),
        ("Palpate, entries and exits paired", paired, chosen.rays),
        (bare, bare_embree(cast), chosen.rays),
        *trimesh_rows(cast, not chosen.quick),
        pyvista_row(cast),
    ]
    ours()
    found = timed(rows)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'':40s}{'seconds':>10s}{'cpu s':>10s}{'rays/s':>12s}{'hits':>10s}{'times ours':>12s}")
    for name, (took, spent, hits) in found.items():
        shown = "" if hits is None else f"{hits:,}"
        ratio = took / found[own][0]
        rate = chosen.rays / took
        print(f"{name:40s}{took:10.3f}{spent:10.3f}{rate:12,.0f}{shown:>10s}{ratio:12.2f}")
    start = time.perf_counter()
    field = compute_depth_field(atlas)
    whole = time.perf_counter() - start
    print(f"ray structure built in {build:.2f} s; depth field of {len(field):,} skin vertices "
          f"in {whole:.2f} s (under 2 asked for)")  # fmt: skip
    print(f"bare embree / ours {found[bare][0] / found[own][0]:.2f} (at least 0.7 asked for)")
    print(f"trimesh with embree / ours {found[theirs][0] / found[own][0]:.1f} (at least 3)")


if __name__ == "__main__":
    main()
