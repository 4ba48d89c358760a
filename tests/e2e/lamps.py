"""Busy lamps: a phone that watches an extension or a parking slot. SPDX-License-Identifier: GPL-2.0-or-later"""
import time


def busy_lamp_of_a_user_follows_the_call(w):
    """Early while it rings, confirmed while it talks, dark afterwards; also when the caller gives up; then 20 calls fast."""
    watcher = w.alice
    assert watcher.subscribe("202") in (200, 202)
    watcher.wait_blf("202", "terminated")
    call = w.alice.call("202")
    bob = w.bob.wait_call().ring()
    watcher.wait_blf("202", "early")
    bob.answer()
    watcher.wait_blf("202", "confirmed")
    call.wait_up()
    call.bye()
    watcher.wait_blf("202", "terminated")
    call = w.alice.call("202")
    bob = w.bob.wait_call().ring()
    watcher.wait_blf("202", "early")
    call.cancel()
    bob.wait_end()
    watcher.wait_blf("202", "terminated")
    calls = []
    for _ in range(20):   # states that cross must not leave the lamp on (lesson 23)
        call = w.alice.call("202")
        bob = w.bob.wait_call().ring()
        bob.answer()
        call.wait_up()
        calls.append(call)
        call.bye()
        bob.wait_end()
    time.sleep(0.5)
    watcher.wait_blf("202", "terminated")


def busy_lamp_of_a_slot(w):
    """Lit while somebody is parked."""
    w.acme.callflow(["*3107"], {"module": "park", "data": {"action": "park", "slot": "107"}, "children": {}})
    w.acme.in_force()
    assert w.alice.subscribe("*5107") in (200, 202)
    parked = w.bob.call("*3107")
    parked.wait_up()
    w.alice.wait_blf("*5107", "confirmed")
    parked.bye()
    w.alice.wait_blf("*5107", "terminated")


def nobody_watches_another_account(w):
    """A SUBSCRIBE for someone of another realm is refused."""
    w.alice.realm, own = w.other.realm, w.alice.realm
    try:
        assert w.alice.subscribe("202") in (401, 403, 489)
    finally:
        w.alice.realm = own


TESTS = [busy_lamp_of_a_user_follows_the_call, busy_lamp_of_a_slot, nobody_watches_another_account]
