"""``python -m cognitive_architecture.cli``: the same as ``cogmesh``."""

from cognitive_architecture.cli import main

if __name__ == "__main__":
    main()
