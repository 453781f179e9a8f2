"""Offices and areas of the province."""
