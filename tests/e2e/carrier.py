"""Calls from and to carriers: caller ID, failover between gateways, who is believed to be a carrier.
SPDX-License-Identifier: GPL-2.0-or-later"""
import time

from phone import Phone
from world import MOBILE, NUMBER


def call_from_a_carrier_rings_the_numbers_user(w):
    """Authenticated by address; the phone shows the carrier's caller ID; audio both ways; a record with the direction."""
    carrier = w.carriers[0]
    call = carrier.call(NUMBER, freq=770, from_user=MOBILE, realm=w.stack.ip)
    ringing = w.bob.wait_call()
    assert ringing.caller[1] == MOBILE, ringing.caller
    ringing.ring()
    call.expect(180)
    ringing.answer()
    call.wait_up().hears(660)
    ringing.hears(770)
    call.bye()
    row = w.acme.wait_cdr(call)[0]
    assert row["call_direction"] == "inbound" and row["network"] == "offnet", row
    assert row["caller_id_number"] == MOBILE and row["callee_owner_id"] == w.acme.bob.id, row


def carrier_cannot_go_out_again(w):
    """A carrier's call to an outside number is refused: never carrier to carrier (toll fraud)."""
    call = w.carriers[0].call("+442079460000", from_user=MOBILE, realm=w.stack.ip)
    assert call.final(10) in (403, 404), call.code
    assert w.carriers[1].quiet(0.3) and w.carriers[0].quiet()


def stranger_is_no_carrier(w):
    """Without a carrier's address and without credentials there is no call, whatever From says."""
    stranger = Phone(w.stack.address(), w.stack.server, "+15550001", "carrier.example", name="stranger")
    try:
        for target in (NUMBER, "201", "+442079460000"):
            call = stranger.call(target, realm=w.acme.realm)
            assert call.final(8) in (401, 403, 404, 407), call.code
        assert w.bob.quiet(0.3) and all(c.quiet() for c in w.carriers)
    finally:
        stranger.close()


def outside_call_shows_the_accounts_number(w):
    """The phone dials, the carrier gets the account's number as caller ID, never the extension."""
    call = w.alice.call("00442079460000")
    at_carrier = w.carriers[0].wait_call()
    assert at_carrier.caller[1] == NUMBER, at_carrier.caller
    assert at_carrier.invite.uri.split("@")[0].split(":")[1].lstrip("+0") == "442079460000", at_carrier.invite.uri
    asserted = at_carrier.invite.get("P-Asserted-Identity")
    assert "201" not in asserted and w.alice.user not in asserted, asserted
    assert not [n for n, _ in at_carrier.invite.headers if n.lower().startswith("x-centrex")], "our headers leak"
    at_carrier.ring()
    call.expect(180)
    at_carrier.answer(1200)
    call.wait_up().hears(1200)
    at_carrier.hears(440)
    call.bye()
    row = w.acme.wait_cdr(call)[0]
    assert row["call_direction"] == "outbound" and row["network"] == "offnet" and row["resource_id"] == w.resource, row


def second_gateway_takes_over_after_503(w):
    w.carriers[0].policy = 503
    call = w.alice.call("00442079460000")
    second = w.carriers[1].wait_call()
    assert second.caller[1] == NUMBER
    second.ring()
    call.expect(180)
    second.answer(1200)
    call.wait_up().hears(1200)
    call.bye()
    assert len(w.acme.wait_cdr(call)) == 1


def second_gateway_takes_over_when_the_first_is_deaf(w):
    """No reply at all from the first."""
    w.carriers[0].policy = "dead"
    call = w.alice.call("00442079460001")
    w.carriers[1].policy = "answer"
    second = w.carriers[1].wait_call(12)
    call.wait_up(12)
    took = second.started - call.started
    assert took < 8, f"the second gateway was tried after {took:.1f} s"
    call.bye()


def busy_outside_is_busy(w):
    """A busy callee is no reason to try the next gateway."""
    w.carriers[0].policy = 486
    call = w.alice.call("00442079460002")
    assert call.final(10) == 486
    assert w.carriers[1].quiet(0.3)
    time.sleep(0.2)
    row = w.acme.wait_cdr(call)[0]
    assert row["hangup_cause"] == "USER_BUSY" and row["sip_code"] == 486, row


def caller_id_cannot_be_forged(w):
    """A number that is not the account's is never sent to a carrier, whatever the phone claims."""
    call = w.alice.call("00442079460003", from_user="+35315559999",
                        headers=[("P-Asserted-Identity", "<sip:+35315559999@x>"), ("X-Centrex-Account", "0" * 32)])
    if call.final_or_call(w.carriers[0]):
        at_carrier = w.carriers[0].wait_call(1)
        assert at_carrier.caller[1] == NUMBER, at_carrier.caller
        assert "9999" not in at_carrier.invite.get("P-Asserted-Identity")
        at_carrier.reject(486)
        assert call.final(10) == 486
    else:
        assert call.code == 403, call.code


def emergency_passes_every_restriction(w):
    """112 goes out, with the emergency caller ID, though the user may call nobody."""
    w.stack.api.patch(f"{w.acme.at}/users/{w.acme.alice.id}", {"call_restriction": {
        c: {"action": "deny"} for c in ("emergency", "unknown", "international", "did_us", "tollfree_us")}})
    try:
        w.acme.in_force()
        call = w.alice.call("112")
        at_carrier = w.carriers[0].wait_call()
        assert at_carrier.invite.uri.startswith("sip:112@"), at_carrier.invite.uri
        assert at_carrier.caller[1] == NUMBER
        at_carrier.answer(1200)
        call.wait_up()
        call.bye()
    finally:
        w.stack.api.patch(f"{w.acme.at}/users/{w.acme.alice.id}", {"call_restriction": None})
        w.acme.in_force()


TESTS = [call_from_a_carrier_rings_the_numbers_user, carrier_cannot_go_out_again, stranger_is_no_carrier,
         outside_call_shows_the_accounts_number, second_gateway_takes_over_after_503,
         second_gateway_takes_over_when_the_first_is_deaf, busy_outside_is_busy, caller_id_cannot_be_forged,
         emergency_passes_every_restriction]
