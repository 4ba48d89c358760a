"""A media worker of the test's own, beside those of the stack: its proxy is a test phone, so that a test speaks to a
service without any routing, and sees the calls that the worker makes. Database and storage are the stack's.

    with OwnWorker(stack) as worker:
        call = worker.call(account, "hotdesk;action=login;device=...", number="201")
        then = worker.proxy.wait_call()      # INVITE sip:continue@...
SPDX-License-Identifier: GPL-2.0-or-later"""
import os
import re
import secrets
import signal
import subprocess

from phone import Phone
from stack import wait_for

INDEX = 7


class OwnWorker:
    def __init__(self, stack, index=INDEX):
        self.stack, ip = stack, stack.address()
        config = os.path.join(stack.dir, "etc", "centrex.cfg")
        with open(config) as f:
            text = f.read()
        text = re.sub(r'sip_proxy = "[^"]*"', f'sip_proxy = "{ip}:5060"', text)
        text = re.sub(r"workers = \d+", f"workers = {index + 1}", text)
        self.config = os.path.join(stack.dir, "etc", f"own-worker{index}.cfg")
        with open(self.config, "w") as f:
            f.write(text)
        self.log_path = os.path.join(stack.dir, "log", f"own-worker{index}.log")
        program = os.path.join(stack.build, "centrex-media")
        with open(self.log_path, "w") as log:
            self.process = subprocess.Popen([program, "-f", self.config, "-n", str(index)], stdout=log,
                                            stderr=subprocess.STDOUT)
        self.proxy = Phone(ip, (stack.ip, 5070 + index), "proxy", "test", port=5060, name="proxy")
        wait_for("the worker", lambda: "ready" in self.log(), 10)

    def log(self):
        with open(self.log_path) as f:
            return f.read()

    def call(self, account, service, number="201", name="Alice Archer", dialled="100", cursor="test-cursor", freq=None,
             headers=()):
        """A call as Kamailio would hand it over."""
        uri = f"sip:{service.split(';')[0]}@{self.stack.ip}:{self.proxy.server[1]}"
        call = self.proxy.call(uri, freq=freq, from_user=number, name=name, headers=[
            ("X-Centrex-Account", account), ("X-Centrex-Call", secrets.token_hex(16)), ("X-Centrex-Service", service),
            ("X-Centrex-Cursor", cursor), *headers])
        return call

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.proxy.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
