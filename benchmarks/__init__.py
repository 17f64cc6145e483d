"""How fast nnlib is, how that grows, and what memory it takes: ``python -m benchmarks``."""
