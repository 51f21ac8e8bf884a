"""The ways to measure that the tables can name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from meshes.checks import landmarks, outline, solids, thickness, vertebra

#: name in the tables -> function of an atlas and the row's options.
MEASURES: Mapping[str, Callable[..., float]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            landmarks.distance,
            landmarks.between,
            landmarks.from_midline,
            landmarks.curve_from_midline,
            landmarks.curve_length,
            landmarks.bow,
            landmarks.corner_angle,
            landmarks.level,
            landmarks.along_back,
            landmarks.share_of_back,
            vertebra.body_size,
            vertebra.disc_angle,
            vertebra.kyphosis,
            vertebra.disc_height,
            vertebra.canal_depth,
            vertebra.canal_width,
            vertebra.tip_width,
            thickness.thickness,
            thickness.stack,
            thickness.belly,
            thickness.depth_to,
            thickness.depth_straight,
            thickness.bone_at,
            thickness.bone_mean,
            thickness.border_thickness,
            thickness.spine_depth,
            thickness.socket_turn,
            thickness.socket_size,
            thickness.part_section,
            solids.extent,
            solids.breadth,
            solids.border,
            solids.end_level,
            solids.lower,
            solids.above,
            solids.pole,
            solids.tilt,
            solids.hilum,
            solids.area,
            solids.behind,
            solids.edge_level,
            solids.rib_space,
            outline.outline,
            outline.girth,
        )
    }
)
