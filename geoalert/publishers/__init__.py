"""Adapters to places that posts are sent to, one file each."""
