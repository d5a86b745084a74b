"""Everything measured, one table after the other: ``make bench``."""

from bench import matching, steps, streams, turns

for module in (turns, steps, streams, matching):
    print(f"\n## {(module.__doc__ or '').splitlines()[0]}\n", flush=True)
    module.main()
