"""The machine behind `nnlib.course.check`: runs an answer, compares, names the mistake."""
