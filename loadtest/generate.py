"""Fills a database with many accounts of many users, by bulk inserts: what a full cluster node has to hold.
Each user: an extension 200..., a device (SIP name uNNN), a voicemail box, a callflow user -> voicemail; each account
one number and an outside line. SPDX-License-Identifier: GPL-2.0-or-later"""
import hashlib
import json
import time

PASSWORD = "bench-secret"


def ident(kind, account, n=0):
    """32 hex digits that say what they name: kind (1 digit), account, number."""
    return f"{kind:01x}{account:011x}{n:020x}"


def realm(account):
    return f"a{account}.bench.example"


def ha1(account, n):
    return hashlib.md5(f"u{n}:{realm(account)}:{PASSWORD}".encode()).hexdigest()


def flow(account, n):
    return json.dumps({"module": "user", "data": {"id": ident(2, account, n), "timeout": 20}, "children": {
        "_": {"module": "voicemail", "data": {"id": ident(4, account, n), "action": "compose"}, "children": {}}}})


OUTSIDE = json.dumps({"module": "offnet", "data": {}, "children": {}})


def fill(db, parent, accounts, users, log=print):
    """db: a pymysql connection without autocommit; parent: the account above them."""
    now, began = int(time.time()), time.monotonic()
    cursor = db.cursor()
    cursor.execute("SET foreign_key_checks = 0, unique_checks = 0")

    def insert(table, columns, rows):
        for i in range(0, len(rows), 1000):
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({','.join(['%s'] * (columns.count(',') + 1))})",
                               rows[i:i + 1000])
    for first in range(1, accounts + 1, 50):
        some = range(first, min(first + 50, accounts + 1))
        every = [(a, n) for a in some for n in range(users)]
        insert("account", "id, parent_id, name, name_key, realm, timezone, country, caller_id, created, modified",
               [(ident(1, a), parent, f"Bench {a}", f"bench{a}", realm(a), "Europe/Dublin", "IE",
                 json.dumps({"external": {"name": f"Bench {a}", "number": f"+35315{a:06d}"}}), now, now) for a in some])
        insert("user", "id, account_id, username, first_name, last_name, timeout, presence_id, caller_id, created, modified",
               [(ident(2, a, n), ident(1, a), f"u{n}", f"First{n}", f"Last{n}", 20, str(200 + n),
                 json.dumps({"internal": {"name": f"First{n} Last{n}", "number": str(200 + n)}}), now, now)
                for a, n in every])
        insert("device", "id, account_id, owner_id, name, sip_username, sip_ha1, created, modified",
               [(ident(3, a, n), ident(1, a), ident(2, a, n), f"phone {n}", f"u{n}", ha1(a, n), now, now) for a, n in every])
        insert("vmbox", "id, account_id, owner_id, name, mailbox, created, modified",
               [(ident(4, a, n), ident(1, a), ident(2, a, n), f"box {n}", str(200 + n), now, now) for a, n in every])
        insert("callflow", "id, account_id, owner_id, flow, created, modified",
               [(ident(5, a, n), ident(1, a), ident(2, a, n), flow(a, n), now, now) for a, n in every]
               + [(ident(6, a), ident(1, a), None, OUTSIDE, now, now) for a in some])
        insert("callflow_number", "account_id, number, callflow_id",
               [(ident(1, a), str(200 + n), ident(5, a, n)) for a, n in every]
               + [(ident(1, a), "no_match", ident(6, a)) for a in some]
               + [(ident(1, a), f"+35315{a:06d}", ident(5, a, 0)) for a in some])
        insert("phone_number", "number, account_id, state, created, modified",
               [(f"+35315{a:06d}", ident(1, a), "in_service", now, now) for a in some])
        insert("change_log", "account_id, kind, object_id, action, actor",
               [(ident(1, a), "account", ident(1, a), "create", "bench") for a in some])
        db.commit()
    cursor.execute("SET foreign_key_checks = 1, unique_checks = 1")
    log(f"{accounts} accounts of {users} users written in {time.monotonic() - began:.0f} s")
