"""The agents' desk at ``/desk/``: the queue, one dialogue at a time with its member beside it, and what an agent can do there."""
