"""The window's parts; with :mod:`viewer.window` the only modules that import Qt."""
