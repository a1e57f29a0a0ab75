"""Normalizing: the words of cells to canonical values. Every function is pure."""
