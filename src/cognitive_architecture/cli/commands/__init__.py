"""One file for each command. A command is a translation; the work is done elsewhere."""
