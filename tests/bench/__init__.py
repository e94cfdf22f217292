"""Tests of bench/: that it runs and what it prints, never how fast anything is."""
