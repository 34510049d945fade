"""Channels and venues: who can be reached, where."""
