"""The province's reference data in one read-only SQLite file, built from plain files."""
