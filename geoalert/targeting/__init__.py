"""From an area rule to an area, and from an area to the boundaries it meets."""
