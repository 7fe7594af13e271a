"""The branches over HTTP: a path each, told apart by what they do with a payment."""

import json
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from dtmcli import utils

# What is served, and the operation of a transaction that each of them is.
OPERATIONS = {
    "pay": "action",
    "refund": "compensate",
    "reserve": "try",
    "capture": "confirm",
    "release": "cancel",
}


class Branches(ThreadingHTTPServer):
    """A thread for each connection, and in it a connection to the database."""

    request_queue_size = 128

    def __init__(self, address, payments):
        self.payments = payments
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    # Keeps connections, so that the database's are kept too; and sends an answer at once and whole.
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.session = self.server.payments.session()

    def finish(self):
        self.session.close()
        super().finish()

    def do_GET(self):
        known = urllib.parse.urlparse(self.path).path == "/health"
        self.answer(200 if known else 404, {})

    def do_POST(self):
        url = urllib.parse.urlparse(self.path)
        text = self.rfile.read(int(self.headers.get("content-length") or 0))
        work = url.path[1:]
        if work not in OPERATIONS:
            return self.answer(404, {"error": "no such branch"})
        try:
            query = dict(urllib.parse.parse_qsl(url.query))
            if query.get("op") != OPERATIONS[work]:
                raise ValueError(f"{work} is a branch's {OPERATIONS[work]}, and was called as its {query.get('op')}")
            self.session.do(work, query, json.loads(text))
            return self.answer(200, {"dtm_result": "SUCCESS"})
        except utils.DTMFailureError as refusal:
            return self.answer(409, {"dtm_result": "FAILURE", "message": str(refusal)})
        except Exception as error:  # pylint: disable=broad-except
            # Not clear: the database is away, or a deadlock ended the transaction. It is asked again.
            print(f"payment: {work}: {error!r}", file=sys.stderr, flush=True)
            self.session.close()
            return self.answer(500, {"message": "see the log of the service"})

    def answer(self, status, reply):
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        pass
