"""Channels and venues: who can be reached, where.

`model` and `hours` are the nouns, `select` decides, `load` reads files, `template` and `check` help to keep them.
"""
