"""Adapters to places that posts are sent to, one file each; found by entry point, never imported from here."""
