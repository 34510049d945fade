"""Words and pictures that fit the place they go to."""
