"""What a memory node can do: keep and find atoms, pay attention to them, forget.

These handlers hold on to the memory of their node, so they are made for it, and they speak of what
this one node has at home. Whoever wants the atoms of the whole mesh asks a
:class:`~cognitive_architecture.hypergraph.Hypergraph`. They never ask the mesh themselves: so those
who wait for a memory node always go on.
"""
