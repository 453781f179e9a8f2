"""Photos from citizens: what a QR in one may mean."""
