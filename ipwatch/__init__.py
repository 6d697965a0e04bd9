"""Watch marketplaces and trademark registers for suspected infringements of Japanese brands and content."""

import os

# NumPy reads it when it is imported. The matrices here are small: on two cores, threads made comparing pictures nine
# times slower, and processes run beside one another anyway.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
