"""Accounts and payments in MariaDB or MySQL, each change behind the barrier of DTM's SDK."""

import re
import urllib.parse

import pymysql
from dtmcli import barrier, utils

# The SDK writes these into its SQL as they are, with `insert ignore`, which would cut what is too long.
NAME = re.compile(r"[A-Za-z0-9._:@/+-]{1,128}")
SHORT_NAME = re.compile(r"[a-z_]{1,45}")


class Payments:
    def __init__(self, url):
        self.url = urllib.parse.urlparse(url)

    def session(self):
        return Session(self.url)


class Session:
    """One connection, made when it is needed. After any error it is closed: who knows what state it is in."""

    def __init__(self, url):
        self.url = url
        self.connection = None

    def do(self, work, query, payload):
        branch = branch_of(query)
        order, account, amount = str(payload["order"]), str(payload["account"]), int(payload["amount"])
        if amount < 0:
            raise ValueError(f"an amount of {amount}")
        change = {
            "pay": lambda cursor: take(cursor, order, account, amount, "paid"),
            "refund": lambda cursor: give_back(cursor, order, account, amount, "refunded"),
            "reserve": lambda cursor: take(cursor, order, account, amount, "reserved"),
            "capture": lambda cursor: set_status(cursor, order, "paid"),
            "release": lambda cursor: give_back(cursor, order, account, amount, "released"),
        }[work]
        try:
            # Commits, also where there is nothing to do; and rolls back what the change has refused.
            with self.open().cursor() as cursor:
                branch.call(cursor, change)
        except utils.DTMFailureError:
            raise
        except BaseException:
            self.close()
            raise

    def open(self):
        if self.connection is None:
            self.connection = pymysql.connect(
                host=self.url.hostname,
                port=self.url.port or 3306,
                user=urllib.parse.unquote(self.url.username or "root"),
                password=urllib.parse.unquote(self.url.password or ""),
                database=self.url.path[1:],
                # Found, not changed: an update to the same values is no refusal.
                client_flag=pymysql.constants.CLIENT.FOUND_ROWS,
                init_command="set innodb_lock_wait_timeout = 3",
                connect_timeout=3,
                read_timeout=10,
                write_timeout=10,
            )
        return self.connection

    def close(self):
        connection, self.connection = self.connection, None
        if connection is None:
            return
        try:
            connection.close()
        except pymysql.Error:
            pass


def branch_of(query):
    parts = [query.get(name, "") for name in ("trans_type", "gid", "branch_id", "op")]
    trans_type, gid, branch_id, op = parts
    if not all(NAME.fullmatch(part) for part in (gid, branch_id)):
        raise ValueError(f"gid {gid!r} or branch {branch_id!r} cannot be written into the barrier's table as it is")
    if not all(SHORT_NAME.fullmatch(part) for part in (trans_type, op)):
        raise ValueError(f"no branch call: {query}")
    return barrier.BranchBarrier(trans_type, gid, branch_id, op)


def take(cursor, order, account, amount, status):
    found = cursor.execute(
        "update account set balance = balance - %s where name = %s and balance >= %s", (amount, account, amount)
    )
    if found == 0:
        raise utils.DTMFailureError(f"{account} has not enough money, or there is no such account")
    try:
        cursor.execute("insert into payment values (%s, %s, %s, %s)", (order, account, amount, status))
    except pymysql.IntegrityError as error:
        raise utils.DTMFailureError(f"{order} has a payment already") from error


def give_back(cursor, order, account, amount, status):
    found = cursor.execute("update account set balance = balance + %s where name = %s", (amount, account))
    if found == 0:
        raise LookupError(f"there is no account {account} any more")
    set_status(cursor, order, status)


def set_status(cursor, order, status):
    found = cursor.execute("update payment set status = %s where order_id = %s", (status, order))
    if found == 0:
        raise LookupError(f"there is no payment of {order} any more")
