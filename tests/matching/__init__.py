"""Understanding short messages: what it finds, what it decides, and that it never fails."""
