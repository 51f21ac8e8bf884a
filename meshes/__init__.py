"""Anatomy: structures, atlases, landmarks, generators and depth.

Everything in this package is plain data and geometry. It never imports PyVista, VTK or Qt, nor
``annotations`` or ``viewer`` (import-linter checks it).
"""
