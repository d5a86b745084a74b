"""Pages for staff: what happened today, replies, intents, members, campaigns, stores, users."""
