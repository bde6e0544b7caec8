"""Fuzz targets: commands that run for as long as they are told, and short runs in the tests."""
