"""Runs the service: python -m clinic."""

import uvicorn

from .app import app
from .settings import HARDENED, PORT


class AnnouncingServer(uvicorn.Server):
    """Says one line as soon as the socket listens."""

    async def startup(self, sockets=None):
        await super().startup(sockets)
        if self.started:
            twin = "hardened" if HARDENED else "as it is"
            print(f"clinic listens on http://127.0.0.1:{PORT} ({twin})", flush=True)


AnnouncingServer(
    uvicorn.Config(
        app,
        host="127.0.0.1",
        port=PORT,
        access_log=False,
        log_level="error",
        server_header=False,
    )
).run()
