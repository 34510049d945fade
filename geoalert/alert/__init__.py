"""What has to be said."""
