"""The API's part of a Centrex for its tests: MariaDB, centrex-api and nginx, without telephony.
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
import urllib.parse

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "lib"))

import http.client  # noqa: E402

import pymysql  # noqa: E402
from stack import claim, wait_for  # noqa: E402


class Reply:
    def __init__(self, code, headers, body):
        self.code, self.headers, self.body = code, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        return self.json["data"]

    @property
    def errors(self):
        """Dotted fields and rules of a validation error: {"name": ["required"]}."""
        reply = self.json
        assert self.code == 400 and reply["message"] == "validation error", (self.code, self.body[:400])
        return {field: sorted(rules) for field, rules in reply["data"].items()}

    def expect(self, code):
        assert self.code == code, f"{self.code} instead of {code}: {self.body[:600]!r}"
        return self


class Client:
    """One token (or none). Calls return a Reply and never raise for a status."""

    def __init__(self, ip, token=None, source=None):
        self.ip, self.token, self.source = ip, token, source

    def send(self, verb, path, body=None, headers=None, query=None):
        address = "/v2/" + path + ("?" + urllib.parse.urlencode(query, doseq=True) if query else "")
        return self.raw(verb, address, body, headers)

    def raw(self, verb, address, body=None, headers=None):
        c = http.client.HTTPConnection(self.ip, 8080, timeout=30, source_address=(self.source, 0) if self.source else None)
        all_headers = dict(headers or {})
        if self.token and "X-Auth-Token" not in all_headers:
            all_headers["X-Auth-Token"] = self.token
        try:
            c.request(verb, address, body, all_headers)
            r = c.getresponse()
            return Reply(r.status, r.headers, r.read())
        finally:
            c.close()

    def json(self, verb, path, data=None, headers=None, query=None, **envelope):
        body = None
        all_headers = dict(headers or {})
        if data is not None or envelope:
            body = json.dumps({"data": data if data is not None else {}, **envelope})
            all_headers.setdefault("Content-Type", "application/json")
        return self.send(verb, path, body, all_headers, query)

    def get(self, path, **query):
        return self.json("GET", path, query=query)

    def put(self, path, data, **headers):
        return self.json("PUT", path, data, {k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path, data, **headers):
        return self.json("POST", path, data, {k.replace("_", "-"): v for k, v in headers.items()})

    def patch(self, path, data, **headers):
        return self.json("PATCH", path, data, {k.replace("_", "-"): v for k, v in headers.items()})

    def delete(self, path, data=None):
        return self.json("DELETE", path, data)


class Small:
    def __init__(self, build=None):
        self.net, self._lock = claim()
        self.ip = self.net + "1"
        self.dir = tempfile.mkdtemp(prefix="centrex-api-")
        self.build = build or os.environ.get("CENTREX_BUILD", os.path.join(TOP, "build", "out"))
        self.running = {}
        self.password, self.secret, self.db_password = (secrets.token_hex(n) for n in (6, 32, 8))

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def _fill(self, name):
        values = {"IP": self.ip, "DIR": self.dir, "TOP": TOP, "BUILD": self.build, "WORKERS": "1", "CORES": "1", "CLUSTER_SECRET": self.secret, "DB_PASSWORD": self.db_password,
                  "PROMPTS": "/usr/share/asterisk/sounds/en_US_f_Allison",
                  "USER": subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()}
        with open(os.path.join(TOP, "cfg", name + ".in")) as f:
            text = re.sub(r"@([A-Z_]+)@", lambda m: values[m.group(1)], f.read())
        with open(self.path("etc", name), "w") as f:
            f.write(text)

    def start_part(self, name):
        user = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
        command = {
            "mysqld": ["mariadbd", "--no-defaults", "--datadir=" + self.path("mysql"), "--socket=" + self.path("mysql.sock"),
                       "--user=" + user, "--skip-networking", "--skip-name-resolve", "--tmpdir=" + self.path("tmp"),
                       "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=64M", "--performance-schema=OFF",
                       "--innodb-flush-log-at-trx-commit=0", "--pid-file=" + self.path("mysql", "pid")],
            "api": [os.path.join(self.build, "centrex-api"), "-f", self.path("etc", "centrex.cfg")],
            "nginx": ["nginx", "-p", self.dir, "-c", self.path("etc", "nginx.conf"), "-e", self.path("log", "nginx-error.log"),
                      "-g", "daemon off;"],
        }[name]
        log = open(self.path("log", name + ".log"), "a")
        self.running[name] = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                              start_new_session=True,
                                              env=dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))
        log.close()

    def stop_part(self, name, how=signal.SIGTERM):
        p = self.running.pop(name, None)
        if p and p.poll() is None:
            p.send_signal(how)
            p.wait(30)
        return p.returncode if p else None

    def _root(self, text):
        subprocess.run(["mariadb", "--no-defaults", "--socket=" + self.path("mysql.sock"), "-e", text], check=True,
                       capture_output=True)

    def _ctl(self, *args):
        return subprocess.run([os.path.join(self.build, "centrexctl"), "-f", self.path("etc", "centrex.cfg"), *args],
                              check=True, capture_output=True, text=True).stdout

    def start(self):
        for folder in ("etc", "log", "tmp", "storage", "mysql"):
            os.makedirs(self.path(folder))
        self._fill("centrex.cfg")
        self._fill("nginx.conf")
        user = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
        subprocess.run(["mariadb-install-db", "--no-defaults", "--datadir=" + self.path("mysql"), "--user=" + user,
                        "--skip-test-db", "--auth-root-authentication-method=socket", "--auth-root-socket-user=" + user],
                       check=True, capture_output=True)
        self.start_part("mysqld")
        wait_for("mariadb", lambda: subprocess.run(
            ["mariadb", "--no-defaults", "--socket=" + self.path("mysql.sock"), "-e", "SELECT 1"],
            capture_output=True).returncode == 0, 40)
        self._root("CREATE DATABASE centrex CHARACTER SET utf8mb4; CREATE USER centrex@localhost IDENTIFIED BY "
                   f"'{self.db_password}'; GRANT ALL ON centrex.* TO centrex@localhost;")
        self._ctl("migrate", "--schema", os.path.join(TOP, "db/schema"))
        self._ctl("account", "create", "--name", "Centrex", "--realm", "master.test", "--admin", "admin",
                  "--password", self.password)
        self.start_part("api")
        wait_for("the API's socket", lambda: os.path.exists(self.path("api.sock")))
        self.start_part("nginx")
        wait_for("nginx", lambda: Client(self.ip).get("about").code)
        return self

    def stop(self):
        for name in ("nginx", "api", "mysqld"):
            self.stop_part(name)

    def close(self, failed=False):
        self.stop()
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
