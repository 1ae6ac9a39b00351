"""What the environment decides."""

import os

#: Port to listen on, on the loopback address only.
PORT = int(os.environ.get("PORT", "8000"))

#: The twin without the six defects of ../../DEFECTS.md.
HARDENED = os.environ.get("HARDENED") == "1"

#: Longest request body in bytes.
MAX_BODY_BYTES = 64 * 1024
