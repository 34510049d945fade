"""The rules of law and privacy between an alert and the public."""
