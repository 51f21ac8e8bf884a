"""Checks of an atlas against published anatomy: tables of what is required, ways to measure it."""
