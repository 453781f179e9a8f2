"""The staff's pages under ``/console``."""
