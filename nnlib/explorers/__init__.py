"""Explorers: turn the knobs of the very functions that the lessons derive, and see what happens."""
