"""Runs a reference endpoint on a local socket."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn

from .app import ReferenceApp
from .endpoint import ReferenceEndpoint
from .network import Network

_STARTUP_SECONDS = 10.0


def serve(
    endpoint: ReferenceEndpoint,
    host: str = "127.0.0.1",
    port: int = 0,
    network: Network | None = None,
) -> None:
    """Print the base URL and serve until interrupted. Port 0 picks a free port."""
    with contextlib.closing(_bound(host, port)) as listener:
        print(_base_url(endpoint, listener), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            _Server(ReferenceApp(endpoint, network)).run(sockets=[listener])


@contextlib.contextmanager
def running(endpoint: ReferenceEndpoint) -> Iterator[str]:
    """Serve on a free loopback port in a separate thread. Yields the base URL."""
    with contextlib.closing(_bound("127.0.0.1", 0)) as listener:
        server = _Server(ReferenceApp(endpoint))
        thread = threading.Thread(
            target=server.run,
            kwargs={"sockets": [listener]},
            name="oaicheck-reference",
            daemon=True,
        )
        thread.start()
        try:
            server.wait_until_ready(thread)
            yield _base_url(endpoint, listener)
        finally:
            server.should_exit = True
            thread.join()


class _Server(uvicorn.Server):
    """A uvicorn server without logs that aborts hanging replies when it stops."""

    def __init__(self, app: ReferenceApp) -> None:
        self._app = app
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                timeout_keep_alive=30,
            )
        )

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop at once, without waiting for replies."""
        self._app.close()
        await super().shutdown(sockets)

    def wait_until_ready(self, thread: threading.Thread) -> None:
        """Return as soon as the server accepts connections."""
        deadline = time.monotonic() + _STARTUP_SECONDS
        while not self.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The reference endpoint did not start.")
            time.sleep(0.002)


def _bound(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _base_url(endpoint: ReferenceEndpoint, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}{endpoint.settings.base_path}"
