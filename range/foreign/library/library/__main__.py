"""Runs the service: python -m library."""

import logging

import waitress

from .app import create_app
from .settings import HARDENED, MAX_BODY_BYTES, PORT

# The application refuses long bodies itself, in its own shape of errors; the
# server's limit is only the second wall.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)
server = waitress.create_server(
    create_app(),
    host="127.0.0.1",
    port=PORT,
    threads=8,
    ident=None,
    max_request_body_size=512 * MAX_BODY_BYTES,
)
twin = "hardened" if HARDENED else "as it is"
print(f"library listens on http://127.0.0.1:{PORT} ({twin})", flush=True)
server.run()
