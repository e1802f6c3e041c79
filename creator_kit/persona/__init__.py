"""Persona packs: who writes, in which voice, and which facts that person can back."""
