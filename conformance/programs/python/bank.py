"""A bank with DTM's Python SDK: branches behind its barrier, and sagas and TCCs that it begins itself.

    bank.py PORT MARIADB_URL COORDINATOR    the coordinator as http://host:port/api/dtmsvr
"""

import contextlib
import json
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql
from dtmcli import barrier, saga, tcc, utils

TABLE = "python_account"
PORT, DATABASE, COORDINATOR = int(sys.argv[1]), urllib.parse.urlparse(sys.argv[2]), sys.argv[3]


def connect():
    return pymysql.connect(
        host=DATABASE.hostname,
        port=DATABASE.port,
        user=DATABASE.username or "root",
        password=DATABASE.password or "",
        database=DATABASE.path[1:],
        # Found, not changed: an update to the same values is no refusal.
        client_flag=pymysql.constants.CLIENT.FOUND_ROWS,
    )


def create_tables():
    with contextlib.closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute("create database if not exists dtm_barrier")
        cursor.execute(
            "create table if not exists dtm_barrier.barrier (id bigint auto_increment primary key,"
            " trans_type varchar(45) default '', gid varchar(128) default '', branch_id varchar(128) default '',"
            " op varchar(45) default '', barrier_id varchar(45) default '', reason varchar(45) default '',"
            " create_time datetime default now(), update_time datetime default now(),"
            " unique key (gid, branch_id, op, barrier_id)) engine = innodb"
        )
        cursor.execute(
            f"create table if not exists {TABLE} (name varchar(128) primary key,"
            " balance bigint not null, frozen bigint not null default 0) engine = innodb"
        )
        connection.commit()


def change(query, account, balance, frozen):
    """Changes an account behind the barrier; what would overdraw is refused."""
    branch = barrier.BranchBarrier(query["trans_type"], query["gid"], query["branch_id"], query["op"])

    def work(cursor):
        found = cursor.execute(
            f"update {TABLE} set balance = balance + %s, frozen = frozen + %s where name = %s and balance + %s >= 0",
            (balance, frozen, account, balance),
        )
        if found == 0:
            raise utils.DTMFailureError("no balance")

    with contextlib.closing(connect()) as connection, connection.cursor() as cursor:
        branch.call(cursor, work)


def operation(name, query, body):
    account, amount = body["account"], body["amount"]
    changes = {
        "adjust": (amount, 0),
        "undo": (-amount, 0),
        "try": (min(amount, 0), max(-amount, 0)),
        "confirm": (max(amount, 0), min(amount, 0)),
        "cancel": (max(-amount, 0), min(amount, 0)),
    }
    change(query, account, *changes[name])
    return {"dtm_result": "SUCCESS"}


def begin_saga(_query, body):
    transaction = saga.Saga(COORDINATOR, body["gid"])
    for branch in body["branches"]:
        transaction.add(branch, branch["bank"] + "/adjust", branch["bank"] + "/undo")
    transaction.submit()
    return {"began": True}


def begin_tcc(_query, body):
    def call_branches(transaction):
        for branch in body["branches"]:
            bank = branch["bank"]
            transaction.call_branch(branch, bank + "/try", bank + "/confirm", bank + "/cancel")

    tcc.tcc_global_transaction(COORDINATOR, body["gid"], call_branches)
    return {"began": True}


def open_account(_query, body):
    with contextlib.closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"insert into {TABLE}(name, balance) values (%s, %s)", (body["account"], body["balance"]))
        connection.commit()
    return {}


def balance_of(query, _body):
    with contextlib.closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"select balance, frozen from {TABLE} where name = %s", (query["account"],))
        balance, frozen = cursor.fetchone()
    return {"balance": balance, "frozen": frozen}


ROUTES = {"/begin-saga": begin_saga, "/begin-tcc": begin_tcc, "/open": open_account, "/balance": balance_of}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        url = urllib.parse.urlparse(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        text = self.rfile.read(int(self.headers.get("content-length") or 0))
        body = json.loads(text) if text else {}
        try:
            route = ROUTES.get(url.path)
            reply = route(query, body) if route else operation(url.path[1:], query, body)
            self.answer(200, reply)
        except utils.DTMFailureError as error:
            self.answer(409, {"dtm_result": "FAILURE", "message": str(error)})
        except Exception as error:  # pylint: disable=broad-except
            self.answer(500, {"message": str(error)})

    do_GET = do_POST

    def answer(self, status, reply):
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        pass


create_tables()
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
