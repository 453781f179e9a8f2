"""QR codes: drawn for receipts, read from photos; nobody else knows a QR library."""
