"""A media worker played by a test: sits on a worker's address, so Kamailio hands services to it and takes signed
continuations from it.  with FakeWorker(stack) as w: call = w.wait_call(); w.goes_on(call, "continue;key=1")
SPDX-License-Identifier: GPL-2.0-or-later"""
from phone import Phone
from stack import wait_for


class FakeWorker(Phone):
    def __init__(self, stack, freq=None):
        self.stack = stack
        for n in (0, 1):
            stack.ctl("stop", f"media{n}")
        super().__init__(stack.ip, stack.server, "worker", stack.ip, port=5071, name="worker", freq=freq)
        wait_for("the dispatcher knows the workers", lambda: not self._up(0) and self._up(1), 20)

    def _up(self, n):
        """Is worker n in use, as the dispatcher says?"""
        found = []

        def walk(data):
            for value in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
                walk(value)
            if isinstance(data, dict) and str(data.get("URI", "")).split(";")[0].endswith(f":{5070 + n}"):
                found.append(data["FLAGS"])
        walk(self.stack.rpc("dispatcher.list"))
        return any(f.startswith("A") for f in found)

    @staticmethod
    def service(call):
        """Name and parameters of the service that a call asks for."""
        name, *params = call.invite.get("X-Centrex-Service").split(";")
        return name, dict(p.split("=", 1) for p in params if "=" in p)

    def goes_on(self, call, outcome, cursor=None, **options):
        """The INVITE that continues the tree of this call."""
        return self.call(f"sip:continue@{self.stack.ip}:5060", headers=[
            ("X-Centrex-Cursor", cursor or call.invite.get("X-Centrex-Cursor")), ("X-Centrex-Outcome", outcome),
            ("X-Centrex-Account", call.invite.get("X-Centrex-Account")),
            ("X-Centrex-Call", call.invite.get("X-Centrex-Call"))], from_user=call.caller[1], **options)

    def __exit__(self, *_):
        super().__exit__()
        for n in (0, 1):
            self.stack.ctl("start", f"media{n}")
            self.stack.up(f"media{n}")
        wait_for("the workers are back", lambda: self._up(0) and self._up(1), 20)
