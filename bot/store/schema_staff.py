"""Tables of staff, their sessions and what they write."""
