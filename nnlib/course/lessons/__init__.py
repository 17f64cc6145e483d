"""The exercises and questions of each lesson, as data."""
