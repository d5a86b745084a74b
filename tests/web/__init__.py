"""Tests of what all staff pages share."""
