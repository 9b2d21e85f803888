"""Maskwright: ground truth for semantic segmentation, drafted by a model and finished by people."""

__version__ = "0.1.0"
