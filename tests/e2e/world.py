"""What the end-to-end tests share: one stack, a tenant that calls, and a second one with the same extensions that
must notice nothing of it. All configuration was made through the HTTP API.
SPDX-License-Identifier: GPL-2.0-or-later"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from phone import Phone  # noqa: E402
from stack import Stack, wait_for  # noqa: E402,F401
from tenant import Bystander, Tenant  # noqa: E402

NUMBER, OTHER_NUMBER = "+35315550100", "+35315550200"
MOBILE = "+353861234567"
RINGING = 3  # seconds, users' ringing time


class World:
    def __init__(self, stack):
        self.stack = stack
        self.carriers = [Phone(stack.address(), stack.server, "trunk", "carrier.example", name=f"carrier{i}")
                         for i in (1, 2)]
        self.acme = Tenant(stack, "acme", NUMBER)
        self.other = Tenant(stack, "umbra", OTHER_NUMBER)
        for tenant, number in ((self.acme, NUMBER), (self.other, OTHER_NUMBER)):
            tenant.alice = tenant.user("Alice", "Archer", "201", RINGING)
            tenant.bob = tenant.user("Bob", "Baker", "202", RINGING, numbers=[number])
        self.acme.carol = self.acme.user("Carol", "Cole", "203", 20)  # never has a phone: straight to voicemail
        self.acme.outside()
        self.resource = stack.api.put("resources", {
            "name": "carrier", "rules": [r"^\+?[0-9]{6,}$"], "emergency": True,
            "gateways": [{"server": c.ip, "port": c.port, "enabled": True} for c in self.carriers]})["id"]
        self.alice = self.acme.phone(self.acme.alice, freq=440)
        self.bob = self.acme.phone(self.acme.bob, freq=660)
        self.bystander = Bystander(self.other, [self.other.phone(self.other.alice), self.other.phone(self.other.bob)])
        for phone in self.bystander.phones:
            phone.wait_lamp(0)   # the answer to its REGISTER: not to be taken for something that it noticed
        self.phones = [self.alice, self.bob, *self.carriers]

    def calm(self):
        """Before each test: phones as at the start, no call left over."""
        for p in self.phones:
            p.policy = "ask"
            while not p.incoming.empty():
                p.incoming.get_nowait()
            for call in list(p.calls.values()):
                if call.audio and call.state == "ended":
                    call.audio.close()
                    del p.calls[call.call_id]

    def call(self, caller, target, **options):
        return caller.call(target, **options)

    def close(self):
        for p in self.phones + self.bystander.phones + self.acme.phones + self.other.phones:
            p.close()


def with_bystander(test):
    """The test, and then: the other tenant saw no SIP message, no record, no voicemail, no mail."""
    def run(world):
        world.calm()
        world.bystander.remember()
        test(world)
        world.bystander.noticed_nothing()
    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run
