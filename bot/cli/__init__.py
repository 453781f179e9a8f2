"""Staff and operator commands: Flask CLI groups."""
