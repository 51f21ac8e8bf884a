"""The field whose zero level is the skin: closed muscles and bones, fat, core, clefts, ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from meshes.fat import FatSites, dermis_at, least_fat
from meshes.field.blend import smooth_max, smooth_min, smooth_step
from meshes.field.distance import closed_distance, exact_distance, rough_distance
from meshes.field.grid import Field, Grid
from meshes.outline import outline_data
from meshes.torso_core import TorsoCore

BALL_MM = 45.0  # radius that closes the gaps between muscles
FACE_BALL_MM = 18.0  # and the same for the face: the jaw stands off the throat
ARM_BALL_MM = 22.0  # and below the axilla: the folds do not web the arm
_FINE_MM, _COARSE_MM, _BROAD_MM = 8.0, 14.0, 24.0  # smoothing of back, of the rest, of belly
_FAR_MM = 36.0  # the field is not followed further from the skin than this
_SPARE_MM = 0.6  # kept beyond the least thickness, for what the grid cannot resolve

Points = NDArray[np.float64]
Window = tuple[slice, slice, slice]


@dataclass(frozen=True, eq=False)
class SkinField:
    """What the field is made from.

    Attributes
    ----------
    grid : Grid
    core : TorsoCore
    sites : FatSites
    samples : ndarray, shape (N, 3)
        Points on the muscles and bones, mm.
    """

    grid: Grid
    core: TorsoCore
    sites: FatSites
    samples: Points

    def rough(self) -> Field:
        """Return the field, smoothed, before it is checked against the muscles."""
        from scipy.ndimage import gaussian_filter

        grid, core = self.grid, self.core
        face = self._of_face(self.samples)
        rest = self.samples[~face] if face.any() else self.samples
        field = self._offset(rest, grid, self.sites)[0]
        if face.any():
            self._add_face(field, self.samples[face])
        field = self._joined(field, grid)
        clefts = self._part_arms(field) if core.arm is not None else []
        field = smooth_max(field, self._legs_apart(), 6.0)
        field = self._smoothed(field)
        # Smoothing bridges a cleft of two fingers' breadth: it is opened once more.
        for index, cleft in clefts:
            field[index] = smooth_max(field[index], cleft, 5.0)
        field = field + self._folds()
        field = smooth_max(field, self._ends(), 10.0)
        return np.asarray(gaussian_filter(field, 0.9, mode="nearest"), dtype=np.float32)

    def cleared(self, field: Field, samples: Points) -> Field:
        """Push the skin out wherever it is nearer to ``samples`` than dermis and least fat."""
        from scipy.ndimage import gaussian_filter, grey_dilation

        step = self.grid.spacing
        least = least_fat() + 2.6 + _SPARE_MM
        edge = np.abs(field) < 2.5 * step
        edge &= self._ends() < -4.0
        band = edge & (rough_distance(samples, self.grid) < least + 4.0 * step)
        apart = exact_distance(samples, self.grid.nodes(band)) - np.float32(least)
        lack = np.zeros_like(field)
        lack[band] = np.maximum(field[band] - apart, 0.0)
        lack[lack < 0.05] = 0.0
        lack[field > 1.5 * step] = 0.0
        # a broad swelling instead of the print of a muscle's edge
        swelling = gaussian_filter(grey_dilation(lack, size=(5, 5, 5)), 1.6)
        result = field - swelling
        result[band] = smooth_min(result[band], apart, 1.5)
        return np.asarray(result, dtype=np.float32)

    def _of_face(self, samples: Points) -> NDArray[np.bool_]:
        """Tell which samples are of the jaw and the face, the hyoid bone left out."""
        data, core = outline_data()["jaw"], self.core
        y = samples[:, 1] - core.levels.place(np.array([0.0, 0.0, data["from_z"]]))[1]
        ahead = y < data["ahead_of_y"] * core.levels.scale
        low, high = core.levels.height(np.array([data["from_z"], data["hyoid_top_z"]]))
        hyoid = np.abs(samples[:, 0]) < data["hyoid_x"] * core.levels.scale
        hyoid &= (y > data["hyoid_y"] * core.levels.scale) & (samples[:, 2] < high)
        return np.asarray(ahead & (samples[:, 2] > low) & ~hyoid)

    def _add_face(self, field: Field, samples: Points) -> None:
        """Join the face closed by a small ball, so that jaw and throat keep their angle."""
        low = float(samples[:, 2].min()) - FACE_BALL_MM - self.sites.thickest
        index = self.grid.slices(np.array([-np.inf, -np.inf, low]), np.full(3, np.inf))
        face, _ = self._offset(samples, self.grid.part(index), self.sites, FACE_BALL_MM)
        field[index] = smooth_min(field[index], face, 8.0)

    def _offset(
        self, samples: Points, grid: Grid, sites: FatSites, ball: float = BALL_MM
    ) -> tuple[Field, Field]:
        """Close a set of samples by a ball and move it out by dermis and fat.

        Returns the field so moved out, and the distance to the closing itself.
        """
        thickest = sites.thickest
        closed = closed_distance(samples, grid, ball, thickest + 2.0 * grid.spacing)
        moved = closed.copy()
        near = (closed > -grid.spacing) & (closed < thickest + 2.0 * grid.spacing)
        where = grid.nodes(near)
        thickness = sites.at(where) + dermis_at(where[:, 2], self.core.levels)
        moved[near] -= thickness.astype(np.float32)
        moved[~near] -= np.float32(thickest)
        return moved, closed

    def _joined(self, field: Field, grid: Grid) -> Field:
        """Join the offset body with buttocks, thighs, the lofted core, neck and head."""
        core = self.core
        field = smooth_min(field, core.buttock(grid), 18.0)
        lower = smooth_min(core.trunk(grid, self._hindmost(field, grid)), core.thigh(grid), 16.0)
        field = smooth_min(field, lower, 16.0)
        return smooth_min(field, core.neck_and_head(grid), 16.0)

    def _hindmost(self, field: Field, grid: Grid) -> NDArray[np.float64]:
        """Return the hindmost y of a body for each z of the grid, smoothed along z, mm."""
        from scipy.ndimage import gaussian_filter1d

        middle = field[np.abs(grid.axis(0)) < 120.0 * self.core.levels.scale]
        inside = middle < 0.0
        last = inside.shape[1] - 1 - np.argmax(inside[:, ::-1], axis=1)
        last = np.minimum(last, inside.shape[1] - 2)
        here = np.take_along_axis(middle, last[:, None], axis=1)[:, 0]
        there = np.take_along_axis(middle, last[:, None] + 1, axis=1)[:, 0]
        y = grid.origin[1] + grid.spacing * (last + here / np.minimum(here - there, -1e-3))
        y = np.where(inside.any(axis=1), y, -np.inf).max(axis=0)
        known = np.isfinite(y)
        if not known.any():
            return np.zeros(grid.shape[2])
        filled = np.interp(grid.axis(2), grid.axis(2)[known], y[known])
        return np.asarray(gaussian_filter1d(filled, 10.0 / grid.spacing, mode="nearest"))

    def _part_arms(self, field: Field) -> list[tuple[Window, Field]]:
        """Add the arms in place; below the axilla a gap parts them from the trunk.

        Returns the windows of the grid that hold an arm, each with the field of its gap
        (positive in it).
        """
        clefts = []
        arm, grid = self.core.arm, self.grid
        assert arm is not None
        axilla = self.core.height("arm", "axilla_z")
        slope = np.float32(outline_data()["arm"]["axilla_slope"])
        left = 0.45 * float(arm.start[0])
        low = float(arm.end[2]) - 40.0
        box = grid.slices(np.array([left, -np.inf, low]), np.array([np.inf, np.inf, axilla + 16.0]))
        mine = self._of_arm(self.samples)
        boxes = [box] if grid.origin[0] > -left else [box, grid.mirrored_slices(box)]
        x, y, z = grid.axes()
        field[:] = smooth_min(field, arm.field((np.abs(x), y, z)), 12.0)
        for index in boxes:
            part = grid.part(index)
            x, y, z = part.axes()
            rim = BALL_MM + self.sites.thickest
            near = part.holds(self.samples, rim)
            rod = arm.field((np.abs(x), y, z))
            limb, arm_bare = self._offset(
                self.samples[mine & near], part, self.sites.only(limb=True), ARM_BALL_MM
            )
            limb = smooth_min(limb, rod, 12.0)
            body, body_bare = self._offset(
                self.samples[~mine & near], part, self.sites.only(limb=False)
            )
            body = smooth_min(body, self._core_below(field[index], part), 8.0)
            apart = smooth_min(body, limb, 3.0)
            # halfway between arm and trunk a cleft opens downwards, never into a muscle
            opening = np.clip(slope * (np.float32(axilla) - z), -20.0, 10.0)
            cleft = opening - 0.5 * np.abs(limb - body)
            cleft = np.minimum(cleft, np.minimum(arm_bare, body_bare) - 5.0)
            apart = smooth_max(apart, cleft, 4.0)
            share = smooth_step(z, axilla + 14.0, axilla - 30.0)
            share = share * smooth_step(np.abs(x), left, left + 30.0)
            field[index] += share * (apart - field[index])
            clefts.append((index, np.asarray(cleft - 40.0 * (1.0 - share), dtype=np.float32)))
        return clefts

    def _core_below(self, field: Field, part: Grid) -> Field:
        """Return the lofted trunk within a part of the grid, behind by what is already there."""
        return self.core.trunk(part, self._hindmost(field, part) - 12.0)

    def _of_arm(self, samples: Points) -> NDArray[np.bool_]:
        return of_arm(self.core, samples)

    def _legs_apart(self) -> Field:
        x, _, z = self.grid.axes()
        crotch = np.float32(self.core.height("thigh", "crotch_z"))
        parting = np.clip(0.35 * (crotch - z), -60.0, 7.0) - np.abs(x)
        return np.broadcast_to(parting, self.grid.shape)

    def _smoothed(self, field: Field) -> Field:
        """Smooth gently over the back, where muscles show, and more elsewhere."""
        from scipy.ndimage import gaussian_filter

        grid, core = self.grid, self.core
        x, y, z = grid.axes()
        clipped = np.clip(field, -_FAR_MM, _FAR_MM)
        fine = gaussian_filter(clipped, _FINE_MM / grid.spacing, mode="nearest")
        coarse = gaussian_filter(clipped, _COARSE_MM / grid.spacing, mode="nearest")
        nape, head, hips, waist = core.levels.height(np.array([530.0, 605.0, -40.0, 60.0]))
        collar, jaw = core.levels.height(np.array([450.0, 575.0]))
        flank = smooth_step(np.abs(x), 70.0, 120.0) * smooth_step(z, waist, hips)
        share = np.maximum(smooth_step(y, -5.0, -55.0), smooth_step(z, nape, head))
        share = np.maximum(share, np.maximum(flank, smooth_step(z, hips, hips - 60.0)))
        # The neck's own muscles show: smoothed away, they would be covered by a swelling.
        share = share * (1.0 - smooth_step(z, collar, collar + 40.0) * smooth_step(z, jaw, nape))
        mixed = fine + share * (coarse - fine)
        broad = gaussian_filter(clipped, _BROAD_MM / grid.spacing, mode="nearest")
        chest, groin = core.levels.height(np.array([400.0, -120.0]))
        belly = smooth_step(y, -30.0, -70.0) * smooth_step(np.abs(x), 150.0, 105.0)
        belly = belly * smooth_step(z, chest + 50.0, chest) * smooth_step(z, groin - 40.0, groin)
        haunch = smooth_step(z, hips, groin) * smooth_step(np.abs(x), 75.0, 115.0)
        share = np.maximum(belly, 0.8 * haunch)
        return np.asarray(mixed + share * (broad - mixed), dtype=np.float32)

    def _folds(self) -> Field:
        """Return what the gluteal cleft and the dimples over the PSIS take off."""
        x, y, z = self.grid.axes()
        cleft, dimple = outline_data()["cleft"], outline_data()["dimple"]
        scale = np.float32(self.core.levels.scale)
        share = smooth_step(
            z, self.core.height("cleft", "top_z"), self.core.height("cleft", "full_z")
        )
        folds = (
            share
            * np.float32(cleft["depth"])
            * scale
            * np.exp(-((x / np.float32(cleft["half_width"])) ** 2))
            * smooth_step(y, 20.0, 55.0)
        )
        psis = self.core.levels.place(np.array(dimple["at"]))
        if self.core.psis is not None:
            psis[0], psis[2] = abs(self.core.psis[0]), self.core.psis[2]
        square = (np.abs(x) - np.float32(psis[0])) ** 2 + (z - np.float32(psis[2])) ** 2
        radius = np.float32(dimple["radius"]) * scale
        hollow = np.float32(dimple["depth"]) * np.exp(-square / radius**2)
        return np.asarray(folds + hollow * smooth_step(y, 20.0, 50.0), dtype=np.float32)

    def _ends(self) -> Field:
        """Return the signed distance past the planes that end thighs and arms."""
        x, y, z = self.grid.axes()
        ends = np.broadcast_to(np.float32(self.core.height("thigh", "cut_z")) - z, self.grid.shape)
        arm = self.core.arm
        if arm is None:
            return ends
        points = (np.abs(x), y, z)
        outside = np.maximum(arm.field(points) - 24.0, 0.0)
        limb = arm.beyond(points) - 4.0 * outside
        limb = limb - np.where(np.abs(x) > 0.6 * arm.start[0], 0.0, 200.0).astype(np.float32)
        return np.asarray(np.maximum(ends, limb), dtype=np.float32)


def of_arm(core: TorsoCore, samples: Points) -> NDArray[np.bool_]:
    """Tell which samples belong to an arm: near its rod, or outside of the rod's axis."""
    arm = core.arm
    if arm is None:
        return np.zeros(len(samples), dtype=bool)
    x, y, z = samples.T.astype(np.float32)
    x = np.abs(x)
    axis = arm.end - arm.start
    share = np.clip((z - arm.start[2]) / axis[2], 0.0, 1.0)
    outer = x > arm.start[0] + share * axis[0]
    near = arm.field((x, y, z)) < 8.0
    return np.asarray((near & (x > 0.6 * arm.start[0])) | outer)
