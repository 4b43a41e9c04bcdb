"""The judge of a run: a witness of everything, with a room for each kind of promise."""
