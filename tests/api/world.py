"""What the API's tests share: MariaDB, centrex-api and nginx on an address of their own (no telephony), and two tenants.
SPDX-License-Identifier: GPL-2.0-or-later"""
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "lib"))

import pymysql  # noqa: E402
from crossbar import Client, credentials  # noqa: E402
from stack import claim, wait_for  # noqa: E402

ME = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()


class Server:
    def __init__(self):
        self.net, self._lock = claim()
        self.ip = self.net + "1"
        self.url = f"http://{self.ip}:8080/v2"
        self.dir = tempfile.mkdtemp(prefix="centrex-api-")
        self.build = os.environ.get("CENTREX_BUILD", os.path.join(TOP, "build", "out"))
        self.running = {}
        self.password, self.secret, self.db_password = (secrets.token_hex(n) for n in (6, 32, 8))

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def _fill(self, name):
        values = {"IP": self.ip, "DIR": self.dir, "TOP": TOP, "BUILD": self.build, "WORKERS": "1", "CORES": "1",
                  "CLUSTER_SECRET": self.secret, "DB_PASSWORD": self.db_password, "USER": ME,
                  "PROMPTS": "/usr/share/asterisk/sounds/en_US_f_Allison"}
        with open(os.path.join(TOP, "cfg", name + ".in")) as f:
            text = re.sub(r"@([A-Z_]+)@", lambda m: values[m.group(1)], f.read())
        with open(self.path("etc", name), "w") as f:
            f.write(text)

    def start_part(self, name):
        command = {
            "mysqld": ["mariadbd", "--no-defaults", "--datadir=" + self.path("mysql"), "--socket=" + self.path("mysql.sock"),
                       "--user=" + ME, "--skip-networking", "--skip-name-resolve", "--tmpdir=" + self.path("tmp"),
                       "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=64M", "--performance-schema=OFF",
                       "--innodb-flush-log-at-trx-commit=0", "--pid-file=" + self.path("mysql", "pid")],
            "api": [os.path.join(self.build, "centrex-api"), "-f", self.path("etc", "centrex.cfg")],
            "nginx": ["nginx", "-p", self.dir, "-c", self.path("etc", "nginx.conf"),
                      "-e", self.path("log", "nginx-error.log"), "-g", "daemon off;"],
        }[name]
        with open(self.path("log", name + ".log"), "a") as log:
            self.running[name] = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
                env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))

    def stop_part(self, name, how=signal.SIGTERM):
        """Its exit status, or None when it was not running."""
        p = self.running.pop(name, None)
        if not p:
            return None
        if p.poll() is None:
            p.send_signal(how)
            p.wait(40)
        return p.returncode

    def workers(self):
        """Processes of the API below its parent."""
        parent = self.running["api"].pid
        with open(f"/proc/{parent}/task/{parent}/children") as f:
            return [int(pid) for pid in f.read().split()]

    def _root(self, text):
        subprocess.run(["mariadb", "--no-defaults", "--socket=" + self.path("mysql.sock"), "-e", text], check=True,
                       capture_output=True)

    def _ctl(self, *args):
        return subprocess.run([os.path.join(self.build, "centrexctl"), "-f", self.path("etc", "centrex.cfg"), *args],
                              check=True, capture_output=True, text=True).stdout

    def wait_database(self):
        wait_for("mariadb", lambda: subprocess.run(
            ["mariadb", "--no-defaults", "--socket=" + self.path("mysql.sock"), "-e", "SELECT 1"],
            capture_output=True).returncode == 0, 40)

    def start(self):
        for folder in ("etc", "log", "tmp", "storage", "mysql"):
            os.makedirs(self.path(folder))
        self._fill("centrex.cfg")
        self._fill("nginx.conf")
        subprocess.run(["mariadb-install-db", "--no-defaults", "--datadir=" + self.path("mysql"), "--user=" + ME,
                        "--skip-test-db", "--auth-root-authentication-method=socket", "--auth-root-socket-user=" + ME],
                       check=True, capture_output=True)
        self.start_part("mysqld")
        self.wait_database()
        self._root("CREATE DATABASE centrex CHARACTER SET utf8mb4; CREATE USER centrex@localhost IDENTIFIED BY "
                   f"'{self.db_password}'; GRANT ALL ON centrex.* TO centrex@localhost;")
        self._ctl("migrate", "--schema", os.path.join(TOP, "db/schema"))
        self._ctl("account", "create", "--name", "Centrex", "--realm", "master.test", "--admin", "admin",
                  "--password", self.password)
        self.start_part("api")
        wait_for("the API's socket", lambda: os.path.exists(self.path("api.sock")))
        self.start_part("nginx")
        wait_for("nginx", lambda: Client(self.url).get("about").code == 200)
        return self

    def close(self, failed=False):
        for name in ("nginx", "api", "mysqld"):
            self.stop_part(name)
        if failed:
            print(f"    logs are kept in {self.dir}/log")
        else:
            shutil.rmtree(self.dir, ignore_errors=True)
        self._lock.close()

    # what check.run() wants of a stack
    def mark(self):
        return {n: os.path.getsize(self.path("log", n)) for n in os.listdir(self.path("log"))}

    def since(self, mark, lines=15):
        text = []
        for n in sorted(os.listdir(self.path("log"))):
            with open(self.path("log", n), errors="replace") as f:
                f.seek(mark.get(n, 0))
                text += [f"    {n}: {line[:300]}" for line in f.read().strip().splitlines()[-lines:]]
        return "\n".join(text)

    def log(self, name="api"):
        with open(self.path("log", name + ".log"), errors="replace") as f:
            return f.read()

    def sql(self, text, *args):
        db = pymysql.connect(unix_socket=self.path("mysql.sock"), user="centrex", password=self.db_password,
                             database="centrex", charset="utf8mb4", autocommit=True,
                             cursorclass=pymysql.cursors.DictCursor)
        try:
            with db.cursor() as cursor:
                cursor.execute(text, args or None)
                return list(cursor.fetchall())
        finally:
            db.close()


class Tenant:
    """An account with an admin and a plain user; `at`: its path."""

    def __init__(self, world, name, **fields):
        self.name, self.realm = name, f"{name}.test"
        self.id = world.master.put(f"accounts/{world.master_id}", {
            "name": name, "realm": self.realm, "timezone": "Europe/Dublin", **fields}).expect(201).data["id"]
        self.at = f"accounts/{self.id}"
        self.admin_id = world.master.put(f"{self.at}/users", {
            "first_name": "Ann", "last_name": "Admin", "username": "ann", "password": "pw of ann",
            "priv_level": "admin"}).expect(201).data["id"]
        self.admin = world.login("ann", "pw of ann", name)
        self.user_id = self.admin.put(f"{self.at}/users", {
            "first_name": "Uma", "last_name": "User", "username": "uma", "password": "pw of uma"}).expect(201).data["id"]
        self.user = world.login("uma", "pw of uma", name)

    def make(self, what, data):
        """A document by its admin: its id."""
        return self.admin.put(f"{self.at}/{what}", data).expect(201).data["id"]


class World:
    def __init__(self, server):
        self.server = server
        self.sql = server.sql
        self.nobody = Client(server.url)
        self.master = self.login("admin", server.password, "Centrex")
        self.master_id = self.master.account_id
        self.acme = Tenant(self, "acme")
        self.rival = Tenant(self, "rival")
        self._tenants = 0

    def login(self, user, password, account_name):
        reply = self.nobody.put("user_auth", {"credentials": credentials(user, password), "account_name": account_name})
        client = Client(self.server.url, reply.expect(201).json["auth_token"])
        client.account_id, client.user_id = reply.data["account_id"], reply.data["owner_id"]
        return client

    def tenant(self, **fields):
        """One more, for a test alone."""
        self._tenants += 1
        return Tenant(self, f"tenant{self._tenants}", **fields)

    def number(self):
        """A number nobody had before, as E.164."""
        self._numbers = getattr(self, "_numbers", 0) + 1
        return f"+3531{5550000 + self._numbers}"

    def give_number(self, tenant, number=None):
        number = number or self.number()
        self.master.put(f"{tenant.at}/phone_numbers/{quoted(number)}/activate", {}).expect(201)
        return number

    def changes(self, since=0):
        return self.sql("SELECT id, account_id, kind, object_id, action, actor FROM change_log WHERE id > %s ORDER BY id",
                        since)

    def last_change(self):
        return self.sql("SELECT COALESCE(MAX(id), 0) AS id FROM change_log")[0]["id"]

    def state_of(self, account_id):
        """All that an account has in the database, to see that nothing changed."""
        state = {}
        for table in ("user", "device", "vmbox", "vm_message", "callflow", "callflow_number", "callflow_pattern", "media",
                      "resource", "phone_number", "menu", "conference", "directory", "user_group", "temporal_rule",
                      "temporal_rule_set", "blacklist", "match_list", "faxbox"):
            state[table] = self.sql(f"SELECT * FROM {table} WHERE account_id = %s ORDER BY 1, 2", account_id)
        state["account"] = self.sql("SELECT * FROM account WHERE id = %s OR parent_id = %s", account_id, account_id)
        return json.dumps(state, default=str, sort_keys=True)


def quoted(number):
    return number.replace("+", "%2B")


def together(jobs):
    """Runs functions at the same time; their results in order."""
    results = [None] * len(jobs)
    gate = threading.Barrier(len(jobs))

    def one(i):
        gate.wait()
        try:
            results[i] = jobs[i]()
        except Exception as e:  # told as the result
            results[i] = e
    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(jobs))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


def flow(module="response", **data):
    return {"module": module, "data": data, "children": {}}
