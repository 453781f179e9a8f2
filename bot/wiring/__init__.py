"""Joins the parts: the only place where objects meet."""
