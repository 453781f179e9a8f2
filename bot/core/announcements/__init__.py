"""Official announcements and their topics."""
