"""Tests of MotCua."""
