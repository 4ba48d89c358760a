"""A virtual receptionist on real calls: menu, sounds and extensions behind it, the directory, the main conference number,
each through Kamailio, a worker and back. SPDX-License-Identifier: GPL-2.0-or-later"""
import time

from world import MOBILE, NUMBER

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


def dial_by_name(w):
    """The directory: the first letters of Baker, and 1 puts the caller through to Bob's callflow."""
    flow = w.acme.callflow(["551x"], _user(w.acme.bob))
    names = w.acme.directory("all", {w.acme.bob: flow}, min_dtmf=3)
    w.acme.callflow(["551"], {"module": "directory", "data": {"id": names}, "children": {}})
    w.acme.in_force()
    call = w.alice.call("551").wait_up()
    _hears_something(call)
    call.digits("225")
    time.sleep(2.5)  # the name is found and begins to be said
    call.digits("1")
    at_bob = w.bob.wait_call(15)
    assert at_bob.caller[1] == "201", at_bob.caller
    at_bob.ring()
    at_bob.answer()
    at_bob.wait_up()
    call.hears(660)
    call.bye()
    at_bob.wait_end()


def dialling_on_from_outside_wants_the_pin(w):
    """DISA: a wrong PIN gets nowhere; with the right one the number goes out under the account's own caller ID."""
    w.stack.api.put(f"{w.acme.at}/phone_numbers/+35315550141", {})
    w.acme.callflow(["+35315550141"], {"module": "disa", "data": {"pin": "4711", "interdigit": 700}, "children": {}})
    w.acme.in_force()
    call = w.carriers[0].call("+35315550141", freq=770, from_user=MOBILE, realm=w.stack.ip).wait_up()
    _hears_something(call)
    call.digits("1234#")
    time.sleep(1.5)
    assert w.carriers[0].quiet(0.5) and w.carriers[1].quiet()
    call.digits("4711#")
    time.sleep(1.5)
    call.digits("00442079460000#")
    out = w.carriers[0].wait_call(15)
    assert out.invite.uri.split("@")[0].split(":")[1].lstrip("+0") == "442079460000", out.invite.uri
    assert out.caller[1] == NUMBER, out.caller
    out.ring()
    out.answer(1200)
    out.wait_up()
    call.hears(1200)
    call.bye()
    out.wait_end()


TESTS = [a_key_rings_a_phone_with_the_callers_number, a_sound_behind_the_menu_then_a_phone, an_extension_can_be_typed,
         dial_by_name, dialling_on_from_outside_wants_the_pin]
