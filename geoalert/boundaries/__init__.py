"""Boundary layers: what they are, how they are read, and where official ones live."""
