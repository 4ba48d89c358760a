"""A whole Centrex for tests, on an address and in a folder of its own.

    with Stack(workers=2) as s: s.ip, s.rpc("centrex.stats"), s.sql("SELECT ..."), s.ctl("crash", "media0")

Addresses are 127.X.Y.1 with X.Y kept by a lock file, so several can run beside each other; phones and carriers of
the tests use other addresses of the same 127.X.Y.0/24 (s.address(n)).
SPDX-License-Identifier: GPL-2.0-or-later"""
import fcntl
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pymysql

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests", "lib"))
LOCKS = "/tmp/centrex-test-addresses"
FIRST_X = int(os.environ.get("CENTREX_TEST_X", "64"))


def claim():
    """A free X.Y as ("127.X.Y.", open lock file)."""
    os.makedirs(LOCKS, exist_ok=True)
    for x, y in itertools.product(range(FIRST_X, FIRST_X + 16), range(8)):
        f = open(os.path.join(LOCKS, f"{x}.{y}"), "w")
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            f.close()
            continue
        with socket.socket() as s:  # somebody without our lock may sit there
            s.settimeout(0.2)
            if s.connect_ex((f"127.{x}.{y}.1", 8080)) != 0:
                return f"127.{x}.{y}.", f
        f.close()
    raise RuntimeError("no free test address")


def wait_for(what, test, timeout=10, pause=0.05):
    """Calls test() until it gives something true, which is returned; fails when the time is over."""
    end = time.monotonic() + timeout
    last = None
    while True:
        try:
            last = test()
            if last:
                return last
        except (OSError, pymysql.Error) as e:
            last = e
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {timeout:g} s (last: {last!r})")
        time.sleep(pause)


class Stack:
    def __init__(self, workers=2, processes=2, flood=100000, build=None, keep=None):
        self.net, self._lock = claim()
        self.ip = self.net + "1"
        self.dir = keep or tempfile.mkdtemp(prefix="centrex-test-")
        self.keep = keep
        self.workers, self.processes, self.flood = workers, processes, flood
        self.build = build or os.path.join(TOP, "build", "out")
        self.server = (self.ip, 5060)
        self.process = None
        self._next = itertools.count(20)
        self._rpc_id = itertools.count(1)
        self._rpc_lock = threading.Lock()
        self.secrets = {}

    def address(self):
        """A new address for a phone or carrier."""
        return self.net + str(next(self._next))

    # ---- life

    def start(self, timeout=60):
        ready = os.path.join(self.dir, "ready")
        if os.path.exists(ready):
            os.unlink(ready)
        self.output = open(os.path.join(self.dir, "run.log"), "a")
        self.process = subprocess.Popen(
            [os.path.join(TOP, "cfg/run"), "--dir", self.dir, "--ip", self.ip, "--workers", str(self.workers),
             "--processes", str(self.processes), "--flood", str(self.flood), "--ready-file", ready,
             "--build", self.build], stdout=self.output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True)
        end = time.monotonic() + timeout
        while not os.path.exists(ready):
            if self.process.poll() is not None or time.monotonic() > end:
                text = open(os.path.join(self.dir, "run.log")).read()[-3000:]
                self.stop()
                raise RuntimeError("the stack does not come up:\n" + text)
            time.sleep(0.05)
        for line in open(os.path.join(self.dir, "etc/secrets")):
            name, _, value = line.strip().partition("=")
            self.secrets[name] = value
        return self

    def stop(self, timeout=40):
        """Stops all parts; returns how long it took."""
        began = time.monotonic()
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
        return time.monotonic() - began

    def close(self, failed=False):
        self.stop()
        if failed:
            print(f"    logs are kept in {self.dir}")
        elif not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        self._lock.close()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close(failed=True)
            raise

    def __exit__(self, kind, *_):
        self.close(failed=kind is not None)

    def ctl(self, verb, part):
        done = subprocess.run([os.path.join(TOP, "cfg/ctl"), "--dir", self.dir, verb, part], capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 0, f"ctl {verb} {part}: {done.stderr}"

    def pid(self, part):
        with open(os.path.join(self.dir, "pid", part + ".pid")) as f:
            return int(f.read())

    def up(self, part):
        """Waits until a part that was started (again) answers."""
        probe = {"kamailio": ("ctl", self.dir + "/kamailio.rpc"), "rtpengine": ("ng", self.ip + ":2223"),
                 "api": ("unix", self.dir + "/api.sock"), "nginx": ("http", f"http://{self.ip}:8080/v2/"),
                 "sink": ("tcp", self.ip + ":2525"), "faxmail": ("tcp", self.ip + ":2527"),
                 "postfix": ("tcp", self.ip + ":2526"), "mysqld": ("unix", self.dir + "/mysql.sock")}
        if part.startswith("media"):
            where = ("sip", f"{self.ip}:{5070 + int(part[5:])}", "30", self.ip)
        else:
            where = (*probe[part], "30")
        assert subprocess.run([os.path.join(TOP, "cfg/probe"), *where]).returncode == 0, part + " does not come up"
        if part == "mysqld":
            wait_for("the database", lambda: self.sql("SELECT 1"), 30)

    def log(self, part):
        try:
            with open(os.path.join(self.dir, "log", part + ".log"), errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def mark(self):
        """Sizes of all logs now, for since()."""
        folder = os.path.join(self.dir, "log")
        return {n: os.path.getsize(os.path.join(folder, n)) for n in os.listdir(folder)}

    def since(self, mark, lines=25):
        """What the logs got since a mark, the last lines of each, as text."""
        text = []
        folder = os.path.join(self.dir, "log")
        for n in sorted(os.listdir(folder)):
            with open(os.path.join(folder, n), errors="replace") as f:
                f.seek(mark.get(n, 0))
                new = f.read().strip().splitlines()[-lines:]
            text += [f"    {n}: {line[:300]}" for line in new]
        return "\n".join(text)

    # ---- looking inside

    def rpc(self, method, *params):
        """Kamailio's JSON-RPC: the result, or RuntimeError with its message."""
        number = next(self._rpc_id)
        own = os.path.join(self.dir, f"tmp/rpc-{os.getpid()}-{number}")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind(own)
            try:
                s.settimeout(5)
                s.connect(os.path.join(self.dir, "kamailio.jsonrpc"))
                s.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": list(params), "id": number}).encode())
                reply = json.loads(s.recv(1 << 20))
            finally:
                os.unlink(own)
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']}")
        return reply["result"]

    def sql(self, text, *args):
        """Runs one statement as the database's owner; rows as dicts. For rows written by hand."""
        db = pymysql.connect(unix_socket=self.dir + "/mysql.sock", user="centrex", autocommit=True,
                             password=self.secrets.get("db_password", ""), database="centrex", charset="utf8mb4",
                             cursorclass=pymysql.cursors.DictCursor)
        try:
            with db.cursor() as cursor:
                cursor.execute(text, args or None)
                return list(cursor.fetchall())
        finally:
            db.close()

    def in_force(self, timeout=10):
        """Waits until Kamailio routes with all that is in the database now."""
        last = self.sql("SELECT COALESCE(MAX(id), 0) AS id FROM change_log")[0]["id"]
        wait_for(f"change {last} in force", lambda: int(self.rpc("centrex.stats")["last_change"]) >= last, timeout)

    def changed(self, account, kind, object_id, action="update"):
        self.sql("INSERT INTO change_log (account_id, kind, object_id, action, actor) VALUES (%s,%s,%s,%s,'test')",
                 account, kind, object_id, action)

    def mails(self, to=None):
        """Messages of the sink, parsed, oldest first; only those to one recipient if asked."""
        import email
        import email.policy
        folder = os.path.join(self.dir, "mail", "new")
        found = []
        for n in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            with open(os.path.join(folder, n), "rb") as f:
                message = email.message_from_binary_file(f, policy=email.policy.default)
            receivers = str(message.get("X-RcptTo", "")) + str(message.get("To", ""))
            if to is None or to in receivers:
                found.append(message)
        return found

    def cpu_seconds(self, part):
        """User and system time of all processes of a part."""
        group, total, tick = self.pid(part), 0, os.sysconf("SC_CLK_TCK")
        for n in os.listdir("/proc"):
            if not n.isdigit():
                continue
            try:
                with open(f"/proc/{n}/stat") as f:
                    fields = f.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[2]) == group:
                total += int(fields[11]) + int(fields[12])
        return total / tick
