"""A virtual receptionist on real calls: menu, sounds and extensions behind it, the directory, the main conference number,
each through Kamailio, a worker and back. SPDX-License-Identifier: GPL-2.0-or-later"""
import time

from world import MOBILE

MAIN = "+35315550140"


def _user(user):
    return {"module": "user", "data": {"id": user.id, "timeout": 5}, "children": {}}


def _hears_something(call, seconds=1.0):
    """A prompt is being played: not silence."""
    end = time.monotonic() + 8
    while time.monotonic() < end:
        time.sleep(0.2)
        if call.audio and call.audio.received_packets > 50 * seconds:
            return
    raise AssertionError("nothing is heard")


def _outside(w):
    return w.carriers[0].call(MAIN, freq=770, from_user=MOBILE, realm=w.stack.ip)


def _reception(w):
    """Made once: number, menu and what is behind its keys."""
    if not hasattr(w, "reception"):
        menu = w.acme.menu("reception", timeout=4000, interdigit_timeout=700, retries=2, hunt=True, hunt_deny="^203$")
        bye = {"module": "play", "data": {"id": "system_media/vm-goodbye"}, "children": {"_": _user(w.acme.bob)}}
        flow = {"module": "prepend_cid", "data": {"caller_id_name_prefix": "Main "}, "children": {"_": {
            "module": "menu", "data": {"id": menu}, "children": {
                "1": _user(w.acme.bob), "2": bye, "_": {"module": "response", "data": {"code": 486}, "children": {}}}}}}
        w.stack.api.put(f"{w.acme.at}/phone_numbers/{MAIN}", {})
        w.acme.callflow([MAIN], flow)
        w.acme.in_force()
        w.reception = menu
    return w.reception


def a_key_rings_a_phone_with_the_callers_number(w):
    """Key 1: Bob's phone shows the outside caller (with the words set before the menu), and both hear each other."""
    _reception(w)
    call = _outside(w).wait_up()
    _hears_something(call)
    call.digits("1")
    at_bob = w.bob.wait_call()
    assert at_bob.caller[1] == MOBILE and at_bob.caller[0].startswith("Main"), at_bob.caller
    at_bob.ring()
    at_bob.answer()
    at_bob.wait_up()
    at_bob.hears(770)
    call.hears(660)
    assert call.bye() == 200
    at_bob.wait_end()


def a_sound_behind_the_menu_then_a_phone(w):
    """Key 2: the answered caller hears a sound from a second worker call, then Bob rings."""
    _reception(w)
    call = _outside(w).wait_up()
    _hears_something(call)
    call.digits("2")
    at_bob = w.bob.wait_call(20)
    at_bob.ring()
    at_bob.answer()
    at_bob.wait_up()
    at_bob.hears(770)
    call.hears(660)
    call.bye()
    at_bob.wait_end()


def an_extension_can_be_typed(w):
    """202 rings Bob; 203, which hunt_deny names, is refused and the menu asks again."""
    _reception(w)
    call = _outside(w).wait_up()
    _hears_something(call)
    call.digits("202")
    at_bob = w.bob.wait_call()
    assert at_bob.caller[1] == MOBILE, at_bob.caller
    at_bob.ring()
    at_bob.answer()
    at_bob.wait_up()
    call.hears(660)
    at_bob.bye()
    call.wait_end(8)


TESTS = [a_key_rings_a_phone_with_the_callers_number, a_sound_behind_the_menu_then_a_phone, an_extension_can_be_typed]
