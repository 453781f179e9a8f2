"""Dossiers: codes, states, look-up, and what may be said about them."""
