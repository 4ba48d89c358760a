"""Where a call goes by time, by caller and by what was dialled: office hours and their feature codes, blacklists, prefixes of
the caller ID, dial plans. SPDX-License-Identifier: GPL-2.0-or-later"""
import datetime
import time
import zoneinfo

from tenant import ApiError
from world import MOBILE, NUMBER


def _user(user):
    return {"module": "user", "data": {"id": user.id, "timeout": 5}, "children": {}}


def _busy():
    return {"module": "response", "data": {"code": 486, "message": "Closed"}, "children": {}}


def _around_now(zone):
    """A window of two hours around the present moment, by the zone's wall clock; perhaps over midnight."""
    now = datetime.datetime.now(zoneinfo.ZoneInfo(zone))
    second = now.hour * 3600 + now.minute * 60 + now.second
    return {"time_window_start": (second - 3600) % 86400, "time_window_stop": (second + 3600) % 86400}


def _rings_bob(w, number):
    call = w.alice.call(number)
    at_bob = w.bob.wait_call()
    at_bob.ring()
    call.expect(180)
    call.cancel()
    call.final()
    at_bob.wait_end()
    return at_bob


def office_hours_decide_by_the_wall_clock_of_their_zone(w):
    """The same window, once by the clock of a zone where it is open now, once twelve hours away."""
    zone, away = "Europe/Dublin", "Pacific/Auckland"
    here = w.acme.rule("here", timezone=zone, **_around_now(zone))
    there = w.acme.rule("there", timezone=away, **_around_now(zone))
    for number, rule in (("510", here), ("511", there)):
        w.acme.callflow([number], {"module": "temporal_route", "data": {"rules": [rule]},
                                   "children": {rule: _user(w.acme.bob), "_": _busy()}})
    w.acme.in_force()
    _rings_bob(w, "510")
    assert w.alice.call("511").final(10) == 486
    assert w.bob.quiet(0.3)


def hours_are_forced_by_a_feature_code(w):
    """Closed by hand, opened by hand, back to the clock: a phone dials, a worker changes the rule, the next call knows."""
    rule = w.acme.rule("open", **_around_now("UTC"), timezone="UTC")
    w.acme.callflow(["520"], {"module": "temporal_route", "data": {"rules": [rule]},
                              "children": {rule: _user(w.acme.bob), "_": _busy()}})
    for code, action in (("*521", "enable"), ("*522", "disable"), ("*523", "reset")):
        w.acme.callflow([code], {"module": "temporal_route", "data": {"rules": [rule], "action": action}, "children": {}})
    w.acme.in_force()

    def dial(code, enabled):
        call = w.alice.call(code)
        call.wait_up()
        call.wait_end(15)
        document = w.stack.api.get(f"{w.acme.at}/temporal_rules/{rule}")
        assert document.get("enabled") is enabled, document
        w.acme.in_force()

    _rings_bob(w, "520")
    dial("*522", False)
    assert w.alice.call("520").final(10) == 486
    dial("*521", True)
    _rings_bob(w, "520")
    dial("*523", None)
    _rings_bob(w, "520")


def blacklisted_and_anonymous_callers_are_turned_away(w):
    """603 for a number in the account's blacklist, 433 for a caller without a number; others ring."""
    carrier = w.carriers[0]
    pests = w.acme.blacklist(["+353871112222"], should_block_anonymous=True)
    w.stack.api.patch(w.acme.at, {"blacklists": [pests]})
    try:
        w.acme.in_force()
        assert carrier.call(NUMBER, from_user="+353871112222", realm=w.stack.ip).final(10) == 603
        assert carrier.call(NUMBER, from_user="anonymous", realm=w.stack.ip).final(10) == 433
        assert w.bob.quiet(0.3)
        call = carrier.call(NUMBER, from_user=MOBILE, realm=w.stack.ip)
        at_bob = w.bob.wait_call()
        at_bob.ring()
        call.expect(180)
        call.cancel()
        call.final()
        at_bob.wait_end()
    finally:
        w.stack.api.patch(w.acme.at, {"blacklists": None})
        w.acme.in_force()


def phones_show_words_before_the_caller(w):
    """prepend_cid, a list's name for the caller, and Alert-Info reach the phone."""
    book = w.acme.match_list("book", entries={"a": {"number": "201", "displayname": "The boss"}})
    ring = _user(w.acme.bob)
    flow = {"module": "lookupcidname", "data": {"lists": [book]}, "children": {"_": {
        "module": "prepend_cid", "data": {"caller_id_name_prefix": "Sales: ", "caller_id_number_prefix": "9"}, "children": {"_": {
            "module": "set_alert_info", "data": {"alert_info": "<http://www.example>;info=sales"}, "children": {"_": ring}}}}}}
    w.acme.callflow(["530"], flow)
    w.acme.in_force()
    at_bob = _rings_bob(w, "530")
    assert at_bob.caller == ("Sales: The boss", "9201"), at_bob.caller
    assert at_bob.invite.get("Alert-Info") == "<http://www.example>;info=sales", at_bob.invite.headers


def a_dial_plan_completes_what_is_dialled(w):
    """Local numbers without their area code go out whole."""
    w.stack.api.patch(w.acme.at, {"dial_plan": {r"^([2-9]\d{6})$": {"prefix": "+3531"}}})
    try:
        w.acme.in_force()
        call = w.alice.call("6779999")
        at_carrier = w.carriers[0].wait_call()
        assert "35316779999" in at_carrier.invite.uri, at_carrier.invite.uri
        at_carrier.ring()
        call.expect(180)
        call.cancel()
        call.final()
        at_carrier.wait_end()
    finally:
        w.stack.api.patch(w.acme.at, {"dial_plan": None})
        w.acme.in_force()


def a_sound_behind_a_pause_then_a_phone(w):
    """sleep and play before the phone rings: early media, then ringing; the caller is not answered meanwhile."""
    w.acme.callflow(["540"], {"module": "sleep", "data": {"duration": 300, "unit": "ms"}, "children": {"_": {
        "module": "play", "data": {"id": "system_media/vm-goodbye"}, "children": {"_": _user(w.acme.bob)}}}})
    w.acme.in_force()
    began = time.monotonic()
    call = w.alice.call("540")
    at_bob = w.bob.wait_call(20)
    assert time.monotonic() - began > 0.3
    at_bob.ring()
    call.expect(180)
    at_bob.answer()
    call.wait_up().hears(660)
    call.bye()
    at_bob.wait_end()


def what_cannot_be_run_is_refused_by_its_path(w):
    """Nothing is skipped silently at call time: the API names the node."""
    for flow, path in (({"module": "menu", "data": {"id": "x"}, "children": {"1": {"module": "acdc_member", "data": {"id": "q"}, "children": {}}}},
                        "flow.children.1.module"),
                       ({"module": "disa", "data": {}, "children": {}}, "flow.data.pin"),
                       ({"module": "temporal_route", "data": {"timezone": "Mars/Olympus"}, "children": {}}, "flow.data.timezone")):
        try:
            w.acme.callflow(["599"], flow)
        except ApiError as refused:
            assert refused.code == 400 and path in str(refused.reply), refused.reply
        else:
            raise AssertionError(f"{path} was accepted")


TESTS = [office_hours_decide_by_the_wall_clock_of_their_zone, hours_are_forced_by_a_feature_code,
         blacklisted_and_anonymous_callers_are_turned_away, phones_show_words_before_the_caller,
         a_dial_plan_completes_what_is_dialled, a_sound_behind_a_pause_then_a_phone, what_cannot_be_run_is_refused_by_its_path]
