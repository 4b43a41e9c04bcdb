"""What every room may use: errors, time and chance, settings, measures. Knows nothing of meshes."""
