"""Plumbing that would work in any other Flask site."""
