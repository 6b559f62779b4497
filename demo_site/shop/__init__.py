"""Nordlicht Supply: what offices, laboratories and workshops use up."""
