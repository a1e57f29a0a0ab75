"""Checking: what can only be seen across rows and documents."""
