from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.timeline import CameraPose
from viewer.turn import QUARTER_MS, between, duration_ms

ANGLES = st.floats(-180.0, 180.0)
SHARES = st.floats(0.0, 1.0)


def pose(azimuth: float, elevation: float = 0.0, zoom: float = 1.0, x: float = 0.0) -> CameraPose:
    return CameraPose(azimuth, elevation, zoom, np.array([x, 0.0, 0.0]))


@given(ANGLES, ANGLES, SHARES)
def test_a_turn_goes_the_shorter_way_round(start: float, end: float, share: float) -> None:
    gone = between(pose(start), pose(end), share).azimuth_deg - start
    whole = abs((end - start + 180.0) % 360.0 - 180.0)
    assert abs((gone + 180.0) % 360.0 - 180.0) == pytest.approx(share * whole, abs=1e-6)


def test_a_turn_ends_where_it_was_to_end() -> None:
    start, end = pose(170.0, 10.0, 1.0, 5.0), pose(-170.0, 40.0, 4.0, 25.0)
    assert between(start, end, 1.0) is end
    middle = between(start, end, 0.5)
    assert abs(middle.azimuth_deg) == pytest.approx(180.0)
    assert middle.elevation_deg == pytest.approx(25.0)
    assert middle.zoom == pytest.approx(2.0)  # each half makes it larger by the same factor
    assert middle.focus[0] == pytest.approx(15.0)


def test_a_wider_turn_takes_longer_within_bounds() -> None:
    assert duration_ms(pose(0.0), pose(90.0)) == QUARTER_MS
    assert duration_ms(pose(0.0), pose(180.0)) == 2 * QUARTER_MS
    assert duration_ms(pose(0.0), pose(1.0)) == duration_ms(pose(0.0), pose(0.0)) > 100
    assert duration_ms(pose(-170.0), pose(170.0)) < QUARTER_MS
