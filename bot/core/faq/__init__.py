"""Questions that belong to no single procedure, and their approved answers."""
