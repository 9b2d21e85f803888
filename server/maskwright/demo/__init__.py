"""A project to look at: a few photographs with drafted masks."""
