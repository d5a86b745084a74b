"""Tests of the staff console: the real app, real requests."""
