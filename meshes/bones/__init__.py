"""Bone shapes of the built-in skeleton: one module per family, figures in the TOML beside them.

Everything here works in mm, LPS, at the reference stature of 1750 mm (facts, section 1);
``meshes.skeleton`` scales the finished bones to a body.
"""
