"""A brand to try everything with: 汀禾咖啡, an invented coffee chain, its stores, campaigns, staff, members and two weeks of past."""
