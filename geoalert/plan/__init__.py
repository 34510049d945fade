"""One reviewed, digested, approved plan."""
