"""Keeping bytes on a disk: one SQLite file, one owner at a time, every commit durable.

    owned_file      who may write, commits, reading beside them
    folder          a folder that one living process holds
    schema          old tables brought up to date
    sqlite_engine   SQLite's own ways

What is in the file is the business of those above: tasks, or the atoms of a space.
"""
