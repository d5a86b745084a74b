"""Tests of the platform door."""
