"""An actor as every stage needs it: nothing of VTK's own colouring, blending order or scaling."""

from __future__ import annotations

from typing import Any

from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper


def bare_actor(data: Any = None, *, two_sided: bool = True) -> tuple[Any, Any]:
    """Return an actor that is drawn where it stands in the order of actors, and its mapper.

    Parameters
    ----------
    data : vtkPolyData, optional
        What it draws; given to the mapper later if not here.
    two_sided : bool
        Whether triangles are drawn that turn their backs.

    Returns
    -------
    actor : vtkActor
        Invisible.
    mapper : vtkPolyDataMapper
    """
    mapper = vtkPolyDataMapper()
    if data is not None:
        mapper.SetInputData(data)
    mapper.ScalarVisibilityOff()
    # Positions must reach the shader in mm.
    mapper.SetVBOShiftScaleMethod(0)
    actor = vtkActor()
    actor.SetMapper(mapper)
    # Blended in drawing order, whatever its opacity.
    actor.ForceOpaqueOn()
    actor.SetVisibility(False)
    actor.GetProperty().SetBackfaceCulling(not two_sided)
    return actor, mapper
