"""The files people write, each read through one schema."""
