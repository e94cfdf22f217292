"""Measures this product beside its peers, in one run on one machine; speed is reported as ratios, never asserted."""
