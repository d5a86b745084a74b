"""Intents without code: one TOML file each (title, phrases, keywords); the answer is the reply of the same name.

Staff's own are rows (``storage.scripted_intents``); one under a shipped name takes its place, or switches it off.
"""
