"""Pictures, for those who have installed ``cogmesh[plots]``."""
