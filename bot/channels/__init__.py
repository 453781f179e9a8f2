"""Messaging platforms, one folder each."""
