"""A hand on the skin: turned as its contact says, and bent over what it lies on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotations.technique import Technique
from annotations.timeline import Contact
from viewer.hand import hand_shape

Floats = NDArray[np.float64]

#: How far the fingers of a hand that does not glide point inward (tangent of the angle).
_INWARD = 0.45
_PATCH_SIDES = 48
_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, eq=False)
class PlacedHand:
    """A hand on the skin, mm, LPS."""

    vertices: NDArray[np.float32]
    normals: NDArray[np.float32]
    faces: NDArray[np.int32]
    openness: NDArray[np.float32]


def place_hand(
    contact: Contact, skin: NDArray[np.floating], skin_normals: NDArray[np.floating]
) -> PlacedHand:
    """Return the hand of a contact, bent over the skin around it and sunk by its dent.

    On the subject's left it is a left hand, on the right a right one, so that mirrored strokes
    are mirrored pictures.

    Parameters
    ----------
    contact : Contact
    skin, skin_normals : ndarray, shape (N, 3)
        Vertices of the skin and their outward normals.
    """
    return placed_hand(contact, bend_over(contact, skin, skin_normals))


def placed_hand(contact: Contact, bend: Floats) -> PlacedHand:
    """Return the hand of a contact over skin bent like this (:func:`bend_over`)."""
    hand = _sided(contact.hand, contact.position[0] > 0.0)
    roll = np.radians(contact.roll_deg)
    c, s = np.cos(roll), np.sin(roll)
    rotation = np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])
    local, turned = hand.vertices @ rotation, hand.normals @ rotation
    local[:, 2] += hand.terms @ bend - contact.dent_mm
    # The sheared surface's normal: the inverse transpose of the bend.
    turned[:, :2] -= (hand.slopes @ bend) * turned[:, 2:]
    length = np.sqrt(np.einsum("ij,ij->i", turned, turned))
    turned /= np.maximum(length, 1e-9)[:, None]
    basis = np.stack(axes_of(contact))
    return PlacedHand(
        (contact.position + local @ basis).astype(np.float32),
        (turned @ basis).astype(np.float32),
        hand.faces,
        hand.openness,
    )


@dataclass(frozen=True, eq=False)
class _SidedHand:
    """A right or a left hand as it is made, and what a bend does to it.

    ``terms``, shape (N, 3), give its height per factor of the bend, ``slopes``, shape (N, 2, 3),
    that height's slope along x and y.
    """

    vertices: Floats
    normals: Floats
    faces: NDArray[np.int32]
    openness: NDArray[np.float32]
    terms: Floats
    slopes: Floats


@lru_cache(maxsize=16)
def _sided(kind: str, left: bool) -> _SidedHand:
    shape = hand_shape(kind)
    mirrored = np.array([1.0, -1.0 if left else 1.0, 1.0])
    local = np.asarray(shape.vertices * mirrored, dtype=np.float64)
    normals = np.asarray(shape.normals * mirrored, dtype=np.float64)
    # Turned over for the other hand.
    faces = np.ascontiguousarray(shape.faces[:, ::-1]) if left else shape.faces
    a, b = local[:, 0], local[:, 1]
    return _SidedHand(local, normals, faces, shape.openness, _quadratic(a, b), _gradient(a, b))


def patch_of(
    contact: Contact, skin: NDArray[np.floating], skin_normals: NDArray[np.floating]
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the patch under a hand as a disc bent over the skin, for where no skin is drawn.

    Returns
    -------
    vertices : ndarray of float32, shape (1 + 3 K, 3)
        The middle, a circle at 0.84 of the radius twice, and the rim.
    faces : ndarray of int32, shape (3 K, 3)
    """
    return bent_patch(contact, bend_over(contact, skin, skin_normals))


def bent_patch(contact: Contact, bend: Floats) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the same over skin bent like this (:func:`bend_over`)."""
    x, y, z = axes_of(contact)
    angle = np.linspace(0.0, 2.0 * np.pi, _PATCH_SIDES, endpoint=False)
    radius = contact.radius_mm * np.repeat([0.84, 0.84, 1.0], _PATCH_SIDES)
    a = np.concatenate([[0.0], radius * np.tile(np.cos(angle), 3)])
    b = np.concatenate([[0.0], radius * np.tile(np.sin(angle), 3)])
    height = np.stack([a * a, b * b, a * b], axis=1) @ bend - contact.dent_mm
    vertices = contact.position + np.stack([a, b, height], axis=1) @ np.stack([x, y, z])
    here = np.arange(_PATCH_SIDES)
    ahead = (here + 1) % _PATCH_SIDES
    inner, outer = 1 + _PATCH_SIDES, 1 + 2 * _PATCH_SIDES
    faces = np.concatenate(
        [
            np.stack([np.zeros_like(here), 1 + here, 1 + ahead], axis=1),
            np.stack([inner + here, outer + here, outer + ahead], axis=1),
            np.stack([inner + here, outer + ahead, inner + ahead], axis=1),
        ]
    )
    return vertices.astype(np.float32), faces.astype(np.int32)


def axes_of(contact: Contact) -> tuple[Floats, Floats, Floats]:
    """Return where the hand's x (fingers), y and z (away from the skin) point.

    A gliding hand points along its path. One that circles, rubs or presses does not turn with
    every circle: its fingers point up the body and a little inward, over the ridge of the
    shoulder to the front, as those of someone who stands behind.
    """
    z = contact.normal / max(float(np.linalg.norm(contact.normal)), 1e-9)
    if contact.technique is Technique.GLIDING:
        x = contact.heading - z * float(contact.heading @ z)
    else:
        side = np.array([1.0, 0.0, 0.0]) - z * float(z[0])
        side += 0.25 * _cross(z, _UP)  # for the flank, where x is the normal
        side /= max(float(np.linalg.norm(side)), 1e-9)
        x = _cross(side, z) - _INWARD * np.sign(contact.position[0]) * side
    length = float(np.linalg.norm(x))
    if length < 1e-6:
        x = _cross(np.array([1.0, 0.0, 0.0]), z)
        length = float(np.linalg.norm(x))
    x = x / length
    return x, _cross(z, x), z


def _cross(a: Floats, b: Floats) -> Floats:
    """Return the cross product of two vectors; numpy's takes six times as long for one."""
    return np.array(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )


#: The skin farther away does not shape the hand, mm.
SPAN_MM = 105.0
#: Half the length of what bends with the skin, mm.
_BENT_MM = 62.0


def bend_over(
    contact: Contact, skin: NDArray[np.floating], skin_normals: NDArray[np.floating]
) -> Floats:
    """Fit the skin's height over a contact's tangent plane as a quadratic, shape (3,)."""
    offset = skin - np.asarray(contact.position, dtype=skin.dtype)
    reach = np.abs(offset.T)
    near = np.flatnonzero((reach[0] < SPAN_MM) & (reach[1] < SPAN_MM) & (reach[2] < SPAN_MM))
    x, y, z = axes_of(contact)
    near = near[skin_normals[near] @ np.asarray(z, dtype=skin_normals.dtype) > 0.25]
    if len(near) < 12:
        return np.zeros(3)
    offset = np.asarray(offset[near], dtype=np.float64)
    a, b, height = offset @ x, offset @ y, offset @ z
    weight = np.exp(-(a * a + b * b) / (2.0 * 55.0**2))
    table = np.stack([a * a, b * b, a * b], axis=1) * weight[:, None]
    ridge = 1e-3 * np.eye(3) * max(float((table * table).sum()), 1e-9) / 3.0
    return np.asarray(
        np.linalg.solve(table.T @ table + ridge, table.T @ (height * weight)), dtype=np.float64
    )


def _quadratic(a: Floats, b: Floats) -> Floats:
    # Beyond a hand's length the skin does not bend what lies above it: the forearm is straight
    # and keeps its round section.
    held = np.clip((a + 1.7 * _BENT_MM) / _BENT_MM, 0.0, 1.0)
    a, b = np.clip(a, -_BENT_MM, _BENT_MM), np.clip(b * held, -_BENT_MM, _BENT_MM)
    return np.stack([a * a, b * b, a * b], axis=1)


def _gradient(a: Floats, b: Floats) -> Floats:
    inside_a = np.abs(a) < _BENT_MM
    inside_b = (np.abs(b) < _BENT_MM) & (a > -_BENT_MM)
    none = np.zeros_like(a)
    along_x = np.stack([2.0 * a, none, b], axis=1) * inside_a[:, None]
    along_y = np.stack([none, 2.0 * b, a], axis=1) * inside_b[:, None]
    return np.stack([along_x, along_y], axis=1)
