"""Tables of slips that were taken back."""
