"""How the bundled checkpoint was made, as code. Nothing here is needed to run a model."""
