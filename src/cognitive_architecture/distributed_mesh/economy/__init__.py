"""The economy of attention of a mesh: who earns, who may expect what, and what goes well together.

    economy ──▶ books ──▶ turns ──▶ affinity
       │          └─────▶ concepts
       └──▶ ports: what it hears of the mesh, and how it steers it

``economy`` is the shell: it hears once in a while what has been achieved, lets the books take a
turn, keeps them, and passes on what follows. Everything below it is pure. Importing this package
loads none of it: the laws need numpy and scipy, and most processes of a mesh have no economy.
"""
