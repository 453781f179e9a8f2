"""Dossiers that citizens follow: what change is worth telling, when, and in which words."""
