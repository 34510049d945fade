"""The project: geoalert.toml, its secrets and its state folder."""
