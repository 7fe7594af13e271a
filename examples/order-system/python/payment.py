"""The payment service of the order system, with DTM's Python SDK. CONTRACT.md says what it serves."""

import os
import sys
import threading

from branches import Branches
from payments import Payments


def end_with_parent():
    """Whoever started this process holds its standard input; when that closes, however the parent ended, it ends too."""
    sys.stdin.buffer.read()
    os._exit(0)


def main():
    server = Branches(("127.0.0.1", int(os.environ["PORT"])), Payments(os.environ["DATABASE_URL"]))
    threading.Thread(target=end_with_parent, daemon=True).start()
    print('{"port":%d}' % server.server_port, flush=True)
    # The SDK prints every statement that it runs.
    sys.stdout = open(os.devnull, "w", encoding="utf-8")
    server.serve_forever()


main()
