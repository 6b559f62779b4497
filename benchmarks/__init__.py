"""What PunchOut costs, measured: ``python -m benchmarks``."""
