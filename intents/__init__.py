"""What people want: how it is understood, and how each wish is answered."""

from importlib import import_module

from threadpoolctl import threadpool_limits

# Matrices here are small: threads of numpy's linear algebra that wait for each other make learning ten times slower, and with one the same phrases
# make the same weights to the last bit. Only what is loaded can be held to it, and sqlite-utils may have loaded it before.
import_module("numpy")
threadpool_limits(limits=1, user_api="blas")
