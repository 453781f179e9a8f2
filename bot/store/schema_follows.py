"""Tables of dossiers that citizens follow."""
