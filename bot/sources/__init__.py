"""Places dossiers come from, one folder each."""
