"""Runs the service: python -m library."""

import waitress

from .app import create_app
from .settings import HARDENED, MAX_BODY_BYTES, PORT

# The application refuses long bodies itself, in its own shape of errors; the
# server's limit is only the second wall.
server = waitress.create_server(
    create_app(),
    host="127.0.0.1",
    port=PORT,
    threads=4,
    ident=None,
    max_request_body_size=16 * MAX_BODY_BYTES,
)
print(f"library listens on http://127.0.0.1:{PORT} ({'hardened' if HARDENED else 'as it is'})", flush=True)
server.run()
