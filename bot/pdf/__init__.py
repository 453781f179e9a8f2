"""Signatures of PDFs, looked at in a process apart."""
