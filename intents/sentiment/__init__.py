"""How a short message sounds: negative, neutral or positive, with the words that say so. Pure; read judge.py first."""
