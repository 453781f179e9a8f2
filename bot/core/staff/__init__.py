"""People who work at the desk: what they may do and how they prove who they are."""
