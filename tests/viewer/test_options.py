"""Options that commands share: which pose an atlas is opened in."""

from __future__ import annotations

import pytest

from meshes.atlas import Atlas
from meshes.errors import InputError, UnknownName
from viewer.commands.options import AtlasOptions

ACROSS = "arm_across_body:0.5"


def test_a_protocol_brings_its_pose_unless_another_is_asked() -> None:
    assert AtlasOptions().for_protocol(ACROSS).posed() == ACROSS
    assert AtlasOptions(pose="rest").for_protocol(ACROSS).posed() == "rest"
    assert AtlasOptions().for_protocol("rest").posed() == "rest"


def test_an_imported_atlas_stays_at_rest_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    options = AtlasOptions(atlas="za").for_protocol(ACROSS)
    assert options.posed() == "rest"
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "za cannot be moved" in err


def test_a_pose_asked_of_an_imported_atlas_is_an_input_error() -> None:
    options = AtlasOptions(atlas="za", pose=ACROSS)
    with pytest.raises(InputError, match="--pose moves the built-in torso"):
        options.check()
    with pytest.raises(InputError, match="--pose moves the built-in torso"):
        options.open()
    assert AtlasOptions(atlas="za", pose="rest").posed() == "rest"


def test_an_unknown_pose_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="arm_across_body"):
        AtlasOptions(pose="arm_acros_body").check()


def test_the_atlas_is_opened_at_rest_without_a_pose(builtin: Atlas) -> None:
    assert AtlasOptions().open().digest == builtin.digest
