"""Administrative procedures and online services."""
