"""What runs a network: PyTorch itself, or an engine that is installed beside it."""
