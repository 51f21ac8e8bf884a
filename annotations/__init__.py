"""What the hands may do: sites, rules, safety, strokes, protocols and the timeline.

Never imports PyVista, VTK, Qt or ``viewer`` (import-linter checks it).
"""
