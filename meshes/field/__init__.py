"""Signed distance fields on regular grids: sampling, blending, extraction of a surface."""
