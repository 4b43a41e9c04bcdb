"""What ``cogmesh doctor`` looks at: this machine, its data folder, its port, and the mesh."""
