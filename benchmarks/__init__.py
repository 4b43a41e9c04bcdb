"""Figures anyone can measure again: ``make bench`` lists them, ``make bench ID=P1`` runs one."""
