"""What every node can do out of the box: real work on text, rules and dialogue.

The built-in handlers are thin; the work is done by pure functions that a program without a mesh
can call as well.
"""
