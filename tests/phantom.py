"""A small torso of analytic shapes, for tests that must not wait for a real atlas.

The skin is a superellipsoid. Everything else is a slab at a known depth below it, measured
along the skin's own normal, so that what a needle meets and at which depth is known from the
table below. The phantom is its own mirror image across the median plane, triangle by triangle.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from meshes.atlas import Atlas
from meshes.catalogue import Entry, Part, load_catalogue
from meshes.landmarks import Landmarks
from meshes.structure import Origin, Structure
from meshes.surface import Fibres, Surface
from meshes.terminology import Provenance, System, TissueLayer, mirror_id, split_side

CENTRE = np.array([0.0, -30.0, 240.0])
RADII = np.array([170.0, 115.0, 470.0])
ORIGIN = Origin(Provenance.GENERATED, "tests/phantom.py", "Apache-2.0")

#: Height of the palpable spinous tips, mm (facts section 1.1).
TIPS = {
    "C1": 589.0, "C2": 562.9, "C3": 544.2, "C4": 531.5, "C5": 520.3, "C6": 507.4, "C7": 493.4,
    "T1": 474.5, "T2": 454.0, "T3": 426.5, "T4": 402.2, "T5": 368.6, "T6": 330.1, "T7": 301.7,
    "T8": 270.3, "T9": 244.3, "T10": 211.8, "T11": 184.7, "T12": 154.1, "L1": 128.8, "L2": 92.9,
    "L3": 66.0, "L4": 41.9, "L5": 19.5,
}  # fmt: skip
TIP_DEPTH = 12.0
SACRAL = {"S1": -22.0, "S2": -42.0, "S3": -62.0, "S4": -78.0}


@dataclass(frozen=True)
class Slab:
    """A block between two depths under a patch of skin.

    ``x`` and ``z`` are ranges in mm of the skin patch (x as if the skin had its full width);
    ``depth`` is measured along the skin's normal.
    """

    x: tuple[float, float]
    z: tuple[float, float]
    depth: tuple[float, float]
    part: str | None = None


#: (id without side, system, layer, slabs of the left side) of everything that has two sides.
SIDED: tuple[tuple[str, System, TissueLayer, tuple[Slab, ...]], ...] = (
    ("trapezius", System.MUSCULAR, TissueLayer.SUPERFICIAL_MUSCLE, (
        Slab((4, 90), (450, 600), (8, 15), "descending"),
        Slab((4, 100), (380, 450), (8, 15), "transverse"),
        Slab((4, 60), (160, 380), (8, 15), "ascending"),
    )),
    ("latissimus_dorsi", System.MUSCULAR, TissueLayer.SUPERFICIAL_MUSCLE,
     (Slab((62, 140), (-20, 310), (8, 14)),)),
    ("rhomboid_major", System.MUSCULAR, TissueLayer.SECOND_MUSCLE,
     (Slab((8, 66), (310, 435), (16, 22)),)),
    ("rhomboid_minor", System.MUSCULAR, TissueLayer.SECOND_MUSCLE,
     (Slab((8, 66), (437, 480), (16, 20)),)),
    ("infraspinatus", System.MUSCULAR, TissueLayer.SECOND_MUSCLE,
     (Slab((68, 140), (310, 422), (16, 26)),)),
    ("gluteus_maximus", System.MUSCULAR, TissueLayer.SUPERFICIAL_MUSCLE,
     (Slab((30, 130), (-150, -30), (14, 45)),)),
    ("longissimus_thoracis", System.MUSCULAR, TissueLayer.ERECTOR_SPINAE,
     (Slab((10, 44), (-30, 440), (23, 40)),)),
    ("iliocostalis_lumborum", System.MUSCULAR, TissueLayer.ERECTOR_SPINAE,
     (Slab((45, 82), (-30, 220), (23, 38)),)),
    ("multifidus", System.MUSCULAR, TissueLayer.DEEP_MUSCLE,
     (Slab((10, 40), (-80, 440), (41, 46)),)),
    ("quadratus_lumborum", System.MUSCULAR, TissueLayer.DEEP_MUSCLE,
     (Slab((45, 90), (30, 136), (46, 56)),)),
    ("scapula", System.SKELETAL, TissueLayer.BONE, (
        Slab((64, 140), (302, 455), (27, 30)),
        Slab((70, 140), (424, 432), (8, 27), "spine"),
        Slab((140, 160), (424, 444), (8, 27), "acromion"),
    )),
    ("hip_bone", System.SKELETAL, TissueLayer.BONE, (
        Slab((50, 140), (-40, 48), (47, 60)),
        Slab((60, 140), (48, 54), (40, 60), "iliac_crest"),
        Slab((40, 50), (-34, -22), (10, 60), "psis"),
    )),
    *(
        (f"rib_{n}", System.SKELETAL, TissueLayer.BONE,
         (Slab((30, 90 if n == 12 else 150), (z - 6, z + 6), (46, 53)),))
        for n, z in zip(
            range(1, 13),
            (480, 462, 436, 412, 388, 356, 322, 290, 256, 222, 190, 142),
            strict=True,
        )
    ),
)  # fmt: skip


def skin_point(x: float, z: float, depth: float = 0.0) -> NDArray[np.float64]:
    """Return the posterior point below the skin at ``x`` (full-width) and ``z``, shape (3,)."""
    at: NDArray[np.float64] = _below(np.array([x]), np.array([z]), depth)[0]
    return at


@lru_cache(maxsize=1)
def phantom_atlas() -> Atlas:
    """Return the phantom (made once per process)."""
    structures: dict[str, Structure] = {}

    def add(structure: Structure) -> None:
        structures[structure.id] = structure

    add(_plain("skin", System.INTEGUMENTARY, TissueLayer.SKIN, _shell(0.0)))
    add(_plain("subcutaneous_fat", System.INTEGUMENTARY, TissueLayer.SUBCUTANEOUS, _shell(2.5)))
    for base, system, layer, slabs in SIDED:
        left = _of_slabs(f"{base}_left", system, layer, slabs)
        add(left)
        add(_mirrored(left))
    for level, z in TIPS.items():
        add(_vertebra(level, z))
    crest = Slab((-4, 4), (-110, 0), (TIP_DEPTH, 30), "median_sacral_crest")
    add(_of_slabs("sacrum", System.SKELETAL, TissueLayer.BONE,
                  (crest, Slab((-48, 48), (-110, 0), (47, 60)))))  # fmt: skip
    skull = _ellipsoid(np.array([0.0, 0.0, 650.0]), np.array([60.0, 70.0, 45.0]))
    add(_plain("skull", System.SKELETAL, TissueLayer.BONE, skull))
    for name, z in (("kidney_left", 154.0), ("kidney_right", 136.0)):
        side = split_side(name)[1].sign
        centre = skin_point(72.0, z, 64.0 + 18.0) * np.array([side, 1.0, 1.0])
        kidney = _ellipsoid(centre, np.array([28.0, 18.0, 54.0]))
        add(_plain(name, System.VISCERAL, TissueLayer.ORGAN, kidney))
    total = hashlib.sha256()
    for item in structures.values():
        total.update(item.id.encode() + item.surface.vertices.tobytes())
    return Atlas(
        name="phantom",
        title="Phantom of analytic shapes",
        licence="Apache-2.0",
        structures=structures,
        landmarks=_landmarks(),
        digest=f"phantom-{total.hexdigest()[:16]}",
    )


def _below(x: NDArray[np.floating], z: NDArray[np.floating], depth: float) -> NDArray[np.float64]:
    return _at(np.arcsin(np.clip(np.asarray(x) / RADII[0], -1.0, 1.0)), np.asarray(z), depth)


def _at(angle: NDArray[np.floating], z: NDArray[np.floating], depth: float) -> NDArray[np.float64]:
    """Points at an angle from the posterior midline, a height and a depth, shape (..., 3)."""
    angle, z = np.broadcast_arrays(angle, z)
    t = (z - CENTRE[2]) / RADII[2]
    scale = np.sqrt(np.maximum(1.0 - t**8, 1e-6))
    local = np.stack(
        [RADII[0] * scale * np.sin(angle), RADII[1] * scale * np.cos(angle), z - CENTRE[2]],
        axis=-1,
    )
    gradient = np.stack(
        [
            2.0 * local[..., 0] / RADII[0] ** 2,
            2.0 * local[..., 1] / RADII[1] ** 2,
            8.0 * t**7 / RADII[2],
        ],
        axis=-1,
    )
    normal = gradient / np.linalg.norm(gradient, axis=-1, keepdims=True)
    at: NDArray[np.float64] = CENTRE + local - depth * normal
    return at


def _quads(rows: int, columns: int, mirror_at: float, wrap: bool) -> NDArray[np.int32]:
    """Triangles of a grid; columns past ``mirror_at`` use the mirrored diagonal."""
    faces = []
    for row in range(rows - 1):
        for column in range(columns if wrap else columns - 1):
            right = (column + 1) % columns
            a, b = row * columns + column, row * columns + right
            c, d = a + columns, b + columns
            if column + 0.5 < mirror_at:
                faces += [(a, b, d), (a, d, c)]
            else:
                faces += [(a, b, c), (b, d, c)]
    return np.array(faces, dtype=np.int32)


def _shell(depth: float) -> Surface:
    columns, rows = 128, 110
    angle = (np.arange(columns) - columns / 2) * (2.0 * np.pi / columns)
    t = np.linspace(-0.985, 0.985, rows)
    points = _at(angle[None, :], (CENTRE[2] + RADII[2] * t)[:, None], depth).reshape(-1, 3)
    faces = _quads(rows, columns, columns / 2, wrap=True)
    up = np.array([0.0, 0.0, 0.99 * RADII[2] - depth])
    poles = np.stack([CENTRE - up, CENTRE + up])
    last = rows * columns
    caps = []
    for column in range(columns):
        right = (column + 1) % columns
        caps.append((right, column, last))
        top = last - columns
        caps.append((top + column, top + right, last + 1))
    faces = np.concatenate([faces, np.array(caps, dtype=np.int32)])
    return Surface.of(np.concatenate([points, poles]), faces[:, ::-1])


def _block(slab: Slab) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    columns = max(2, int(np.ceil((slab.x[1] - slab.x[0]) / 10.0)) + 1)
    columns += 1 - columns % 2
    rows = max(2, int(np.ceil((slab.z[1] - slab.z[0]) / 12.0)) + 1)
    x = np.linspace(*slab.x, columns)
    z = np.linspace(*slab.z, rows)
    sheets = [_below(x[None, :], z[:, None], depth).reshape(-1, 3) for depth in slab.depth]
    mirror_at = (columns - 1) / 2 if slab.x[0] == -slab.x[1] else columns
    outer = _quads(rows, columns, mirror_at, wrap=False)
    count = rows * columns
    grid = np.arange(count).reshape(rows, columns)
    rim = np.concatenate([grid[0, :-1], grid[:-1, -1], grid[-1, :0:-1], grid[:0:-1, 0]])
    after = np.roll(rim, -1)
    walls = np.concatenate(
        [np.stack([rim, after + count, after], 1), np.stack([rim, rim + count, after + count], 1)]
    )
    faces = np.concatenate([outer[:, ::-1], outer + count, walls[:, ::-1]])
    return np.concatenate(sheets), faces.astype(np.int32)


def _of_slabs(name: str, system: System, layer: TissueLayer, slabs: tuple[Slab, ...]) -> Structure:
    parts = tuple(dict.fromkeys(slab.part for slab in slabs if slab.part is not None))
    points, faces, tags = [], [], []
    count = 0
    for slab in slabs:
        vertices, triangles = _block(slab)
        points.append(vertices)
        faces.append(triangles + count)
        tags.append(np.full(len(triangles), parts.index(slab.part) if slab.part else -1))
        count += len(vertices)
    vertices = np.concatenate(points)
    fibres = None
    if system is System.MUSCULAR:
        upright = layer in (TissueLayer.ERECTOR_SPINAE, TissueLayer.DEEP_MUSCLE)
        along = np.array([0.0, 0.0, 1.0] if upright else [1.0, 0.0, 0.0], dtype=np.float32)
        x, z = vertices[:, 0], vertices[:, 2]
        u, v = (z, x) if upright else (x, z)
        fibres = Fibres(
            _fraction(u), _fraction(v), np.tile(along, (count, 1)), np.zeros(count, np.float32)
        )
    surface = Surface.of(vertices, np.concatenate(faces), part=np.concatenate(tags), fibres=fibres)
    return Structure(_entry(name, system, layer, parts), surface, ORIGIN, parts)


def _fraction(values: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray((values - values.min()) / np.ptp(values), dtype=np.float32)


def _vertebra(level: str, z: float) -> Structure:
    low, high = z - 4.5, z + 6.0  # no two levels touch
    return _of_slabs(
        f"vertebra_{level}",
        System.SKELETAL,
        TissueLayer.BONE,
        (
            Slab((-3.5, 3.5), (low, high), (TIP_DEPTH, 50.0), "spinous_process"),
            Slab((5.0, 38.0), (low, high), (48.0, 56.0), "transverse_process_left"),
            Slab((-38.0, -5.0), (low, high), (48.0, 56.0), "transverse_process_right"),
            Slab((-18.0, 18.0), (low, high), (60.0, 95.0), "body"),
        ),
    )


def _ellipsoid(centre: NDArray[np.float64], radii: NDArray[np.float64]) -> Surface:
    import trimesh

    sphere = trimesh.creation.icosphere(subdivisions=3)
    return Surface.of(sphere.vertices * radii + centre, sphere.faces)


def _mirrored(left: Structure) -> Structure:
    entry = _entry(mirror_id(left.id), left.system, left.layer, left.parts)
    return Structure(entry, left.surface.mirrored(), ORIGIN, left.parts)


def _plain(name: str, system: System, layer: TissueLayer, surface: Surface) -> Structure:
    return Structure(_entry(name, system, layer, ()), surface, ORIGIN)


def _entry(name: str, system: System, layer: TissueLayer, parts: tuple[str, ...]) -> Entry:
    catalogue = load_catalogue()
    if name in catalogue:
        return catalogue[name]
    base, side = split_side(name)
    return Entry(
        id=name,
        english=base.replace("_", " "),
        latin="",
        system=system,
        layer=layer,
        side=side,
        region="back",
        parts=tuple(Part(part, part.replace("_", " ")) for part in parts),
    )


def _landmarks() -> Landmarks:
    points: dict[str, NDArray[np.float64]] = {}
    curves: dict[str, NDArray[np.float64]] = {}

    def both(name: str, x: float, z: float, depth: float) -> None:
        at = skin_point(x, z, depth)
        points[name.format(side="left")] = at
        points[name.format(side="right")] = at * np.array([-1.0, 1.0, 1.0])

    def both_curves(name: str, line: list[tuple[float, float, float]]) -> None:
        at = np.array([skin_point(x, z, depth) for x, z, depth in line])
        curves[name.format(side="left")] = at
        curves[name.format(side="right")] = at * np.array([-1.0, 1.0, 1.0])

    for level, z in TIPS.items():
        points[f"vertebra_{level}/spinous_process"] = skin_point(0.0, z, TIP_DEPTH)
        points[f"vertebra_{level}/body"] = skin_point(0.0, z, 78.0)
        both(f"vertebra_{level}/transverse_process_{{side}}", 38.0, z, 50.0)
        both(f"vertebra_{level}/lamina_{{side}}", 12.0, z, 50.0)
    points["skull/external_occipital_protuberance"] = skin_point(0.0, 628.0, 6.0)
    both("skull/mastoid_process_{side}", 120.0, 611.0, 8.0)
    for level, z in SACRAL.items():
        points[f"sacrum/median_crest_{level}"] = skin_point(0.0, z, TIP_DEPTH)
    scapula = {
        "superior_angle": (70.0, 455.0), "inferior_angle": (90.0, 302.0),
        "spine_root": (70.0, 428.0), "acromial_angle": (140.0, 428.0), "acromion": (160.0, 434.0),
    }  # fmt: skip
    for name, (x, z) in scapula.items():
        both(f"scapula_{{side}}/{name}", x, z, 27.0 if "angle" in name else 8.0)
    both("hip_bone_{side}/psis", 45.0, -28.0, 10.0)
    both("hip_bone_{side}/crest_top", 100.0, 54.0, 40.0)
    for n, tip in ((11, (150.0, 190.0)), (12, (90.0, 142.0))):
        both(f"rib_{n}_{{side}}/tip", *tip, 50.0)
        both_curves(f"rib_{n}_{{side}}/shaft", [(x, tip[1], 50.0) for x in (30.0, 60.0, tip[0])])
    both_curves("scapula_{side}/medial_border",
                [(64.0, z, 28.0) for z in np.linspace(455.0, 302.0, 12)])  # fmt: skip
    both_curves("scapula_{side}/spine",
                [(x, 428.0, 8.0) for x in np.linspace(70.0, 140.0, 8)])  # fmt: skip
    both_curves("scapula_{side}/acromion", [(140.0, 428.0, 8.0), (160.0, 434.0, 8.0)])
    both_curves("hip_bone_{side}/iliac_crest",
                [(140.0, 50.0, 40.0), (100.0, 54.0, 40.0), (45.0, -28.0, 10.0)])  # fmt: skip
    curves["spinous_line"] = np.stack(
        [points["skull/external_occipital_protuberance"]]
        + [points[f"vertebra_{level}/spinous_process"] for level in TIPS]
        + [points[f"sacrum/median_crest_{level}"] for level in SACRAL]
    )
    curves["sacrum/median_crest"] = curves["spinous_line"][-4:]
    return Landmarks(points, curves)
