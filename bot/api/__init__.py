"""REST for the brand's other systems: read only, by bearer token alone. See docs/api.md."""
