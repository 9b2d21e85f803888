"""Measures what computes drafts, for `maskwright models bench`."""
