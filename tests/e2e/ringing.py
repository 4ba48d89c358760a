"""Phones that ring late, for their own time, and alone; forwarded legs. SPDX-License-Identifier: GPL-2.0-or-later"""
import time

from world import MOBILE


def _phones(w, user, *names):
    return [w.acme.phone(device=w.acme.device(user, n), freq=880) for n in names]


def _gone(*phones):
    for p in phones:
        p.register(expires=0)
        p.close()


def find_me_rings_phones_in_turn_each_for_its_own_time(w):
    """0 s: desk for 3 s; after 2 s: mobile for 3 s; after 4 s: home, which answers (guide: find me, follow me)."""
    user = w.acme.user("Tim", "Timed", "221", 8, device=False, box=False, flow={
        "module": "response", "data": {"code": 404}, "children": {}})
    desk, mobile, home = phones = _phones(w, user, "timdesk", "timmobile", "timhome")
    ids = {p.user: w.stack.sql("SELECT id FROM device WHERE sip_username = %s", p.user)[0]["id"] for p in phones}
    w.acme.callflow(["222"], {"module": "ring_group", "children": {}, "data": {"timeout": 8, "endpoints": [
        {"endpoint_type": "device", "id": ids[p.user], "delay": 2 * i, "timeout": 3} for i, p in enumerate(phones)]}})
    w.acme.in_force()
    try:
        memory = int(w.stack.rpc("core.shmmem")["used"])
        call = w.alice.call("222")
        began = time.monotonic()
        one = desk.wait_call(3).ring()
        two = mobile.wait_call(4).ring()
        late = time.monotonic() - began
        one.wait_end(3)
        ended = time.monotonic() - began
        three = home.wait_call(4).ring()
        later = time.monotonic() - began
        two.wait_end(3)
        assert abs(late - 2) < 0.5 and abs(ended - 3) < 0.6 and abs(later - 4) < 0.5, (late, ended, later)
        three.answer()
        call.wait_up().hears(880)
        call.bye()
        three.wait_end()
        began = time.monotonic()   # all say busy: nobody waits for the rest of the time
        call = w.alice.call("222")
        for p in phones:
            p.wait_call(6).reject(486)
        assert call.final(3) == 486 and time.monotonic() - began < 6
        desk.policy = "dead"       # a caller who gives up while a dead phone and a late one are about
        call = w.alice.call("222")
        two = mobile.wait_call(5).ring()
        call.expect(180)
        call.cancel()
        assert call.final(5) == 487
        two.wait_end(5)
        assert home.quiet(2.5), "a phone rings for a caller who has gone"
        now = int(w.stack.rpc("core.shmmem")["used"])
        assert now - memory < 400000, f"shared memory grew by {now - memory}"
    finally:
        _gone(*phones)


def forward_always_rings_the_mobile_as_a_call_of_the_forwarder(w):
    """Bob's forward goes out with Acme's number, or with the caller's when kept; one record each, one interaction."""
    user = w.acme.user("Fred", "Forward", "223", 8, device=False, box=False, call_forward={
        "enabled": True, "number": MOBILE, "keep_caller_id": False, "require_keypress": False})
    w.acme.in_force()
    call = w.alice.call("223")
    out = w.carriers[0].wait_call(4)
    assert sip_user(out) == MOBILE and out.caller[1] == w.acme.number, (sip_user(out), out.caller)
    assert not [h for h, _ in out.invite.headers if h.lower().startswith("x-centrex")], "our headers leave the house"
    out.ring()
    call.expect(180)
    out.answer(880)
    call.wait_up().hears(880)
    out.hears(440)
    assert out.reinvite().code == 200
    call.hears(880)
    call.bye()
    out.wait_end()
    rows = w.acme.wait_cdr(call)
    time.sleep(1)
    rows = {r["forwarded_by"]: r for r in w.acme.cdrs(call.call_id)}
    assert set(rows) == {None, user.id}, rows
    assert rows[user.id]["network"] == "offnet" and rows[user.id]["owner_id"] == user.id, rows
    assert rows[None]["call_direction"] == "internal" and rows[None]["owner_id"] == w.acme.alice.id, rows
    assert rows[None]["interaction_id"] == rows[user.id]["interaction_id"]


def forward_with_key_press_is_asked_by_a_worker(w):
    """The mobile answers, hears the question, presses 1: only then is the caller answered (guide: require key press)."""
    w.acme.user("Kay", "Press", "226", 25, device=False, box=False, call_forward={
        "enabled": True, "number": MOBILE, "keep_caller_id": True, "require_keypress": True})
    w.acme.in_force()
    call = w.alice.call("226")
    out = w.carriers[0].wait_call(6)
    out.ring()
    out.answer(880)
    time.sleep(2)
    assert call.code is None, "the caller was answered before the key"
    out.digits("1")
    call.wait_up(10).hears(880)
    out.hears(440)
    call.bye()
    out.wait_end()
    call = w.alice.call("226")   # nobody presses anything: not answered, whatever picked up
    out = w.carriers[0].wait_call(6).ring()
    out.answer(880)
    assert call.final(25) in (480, 486), call.code


def two_who_forward_to_each_other_end(w):
    """A loop of forwards ends by itself, soon."""
    for a, b in (("224", "225"), ("225", "224")):
        w.acme.user("Loop" + a, "Loop", a, 8, device=False, box=False,
                    call_forward={"enabled": True, "number": b, "require_keypress": False})
    w.acme.in_force()
    began = time.monotonic()
    assert w.alice.call("224").final(10) >= 400
    assert time.monotonic() - began < 8


def sip_user(call):
    return call.invite.uri.split(":")[1].split("@")[0]


TESTS = [find_me_rings_phones_in_turn_each_for_its_own_time,
         forward_always_rings_the_mobile_as_a_call_of_the_forwarder, forward_with_key_press_is_asked_by_a_worker,
         two_who_forward_to_each_other_end]
