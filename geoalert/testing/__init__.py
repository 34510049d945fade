"""What an author of a publisher needs to prove it."""
