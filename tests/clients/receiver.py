"""A receiver of webhooks on this machine that keeps what came."""

import http.server
import queue
import threading


class Receiver:
    def __init__(self):
        self._came = queue.Queue()
        self.path = None
        came, receiver = self._came, self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.path = self.path
                came.put((self.headers, body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def next(self):
        """Headers and raw body of the next webhook."""
        return self._came.get(timeout=30)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
