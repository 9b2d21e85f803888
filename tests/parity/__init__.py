"""Our networks beside torchvision's: run by scripts/parity, in an environment of its own."""
