"""Understanding short messages; ``matcher`` is the way in."""
