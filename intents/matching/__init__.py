"""Understanding short messages; ``matcher`` is the way in."""

import os

# numpy's linear algebra reads this when it is loaded. Matrices here are small: threads that wait for each other make learning ten times slower,
# and with one the same phrases make the same weights to the last bit.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
