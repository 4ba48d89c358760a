"""Registration and calls between two phones: who may, who rings, what is heard, what is recorded of it.
SPDX-License-Identifier: GPL-2.0-or-later"""
import time

from stack import wait_for


def both_phones_register_with_digest(w):
    """The first REGISTER is challenged, the answered one accepted; one more time works too."""
    for phone in (w.alice, w.bob):
        assert phone.register() == 200
        challenged = [m for m in phone.messages if m.is_response and m.method == "REGISTER" and m.code == 401]
        assert challenged, "registered without being asked for a password"


def same_name_and_extension_in_two_tenants(w):
    """alice@acme's password does not open alice@umbra, nor does umbra's phone get acme's calls."""
    stranger = type(w.alice)(w.stack.address(), w.stack.server, "alice", w.other.realm, w.alice.password, name="stranger")
    try:
        assert stranger.register() == 403
    finally:
        stranger.close()


def answered_call_is_heard_by_both_and_recorded_once(w):
    """201 calls 202; tones cross through rtpengine; hanging up gives one record with everything in it."""
    began = time.time()
    call = w.alice.call("202")
    ringing = w.bob.wait_call()
    name, number = ringing.caller
    assert (name, number) == ("Alice Archer", "201"), (name, number)
    ringing.ring()
    call.expect(180)
    time.sleep(0.3)
    ringing.answer()
    call.wait_up()
    call.hears(660)
    ringing.hears(440)
    for side in (call, ringing):
        ip, port = side.audio.remote
        assert ip == w.stack.ip and 30000 <= port < 40000, f"audio goes to {ip}:{port}, not through rtpengine"
    time.sleep(max(0, 6 - (time.monotonic() - call.answered_at)))  # a few RTCP reports
    talked = time.monotonic() - call.answered_at
    assert call.bye() == 200
    ringing.wait_end()
    rows = w.acme.wait_cdr(call)
    time.sleep(0.5)
    rows = w.acme.cdrs(call.call_id)
    assert len(rows) == 1, rows
    r = rows[0]
    assert r["owner_id"] == w.acme.alice.id and r["callee_owner_id"] == w.acme.bob.id, r
    assert r["device_id"] == w.acme.alice.device.id and r["callee_device_id"] == w.acme.bob.device.id, r
    assert r["caller_id_number"] == "201" and r["callee_id_number"] == "202", r
    assert abs(r["start_ms"] / 1000 - began) < 2 and r["answer_ms"] >= r["start_ms"], r
    assert abs(r["billing_ms"] / 1000 - talked) < 1 and r["duration_ms"] >= r["billing_ms"], (r, talked)
    assert r["end_ms"] - r["start_ms"] == r["duration_ms"], r
    assert r["hangup_cause"] == "NORMAL_CLEARING" and r["hangup_by"] == "caller" and r["sip_code"] == 200, r
    assert r["call_direction"] == "internal" and r["network"] == "onnet", r
    assert r["mos"] is not None and 3 < r["mos"] < 5, f"MOS {r['mos']}: rtpengine had our RTCP reports"
    assert r["packet_loss"] is not None and r["packet_loss"] < 5 and r["jitter_ms"] is not None, r
    listed = w.stack.api.get(f"{w.acme.at}/cdrs?paginate=false")
    assert any(c.get("call_id") == call.call_id for c in listed), "the API does not list the record"


def callee_hangs_up(w):
    call = w.alice.call("202")
    other = w.bob.wait_call().ring()
    call.expect(180)
    other.answer()
    call.wait_up()
    assert other.bye() == 200
    call.wait_end()
    assert call.ended_by == "them"
    row = w.acme.wait_cdr(call)[0]
    assert row["hangup_by"] == "callee" and row["hangup_cause"] == "NORMAL_CLEARING", row


def caller_gives_up(w):
    """CANCEL while ringing: the phone stops, the caller gets 487, the record says so."""
    call = w.alice.call("202")
    ringing = w.bob.wait_call().ring()
    call.expect(180)
    call.cancel()
    assert call.final(5) == 487
    ringing.wait_end(5)
    row = w.acme.wait_cdr(call)[0]
    assert row["sip_code"] == 487 and row["hangup_cause"] == "ORIGINATOR_CANCEL" and row["answer_ms"] is None, row


def all_devices_of_a_user_ring_and_one_answers(w):
    """Two phones of Bob ring at once; the second answers; the first stops."""
    second = w.acme.phone(device=w.acme.device(w.acme.bob, "bobmobile"), freq=880)
    try:
        call = w.alice.call("202")
        desk, mobile = w.bob.wait_call().ring(), second.wait_call().ring()
        call.expect(180)
        mobile.answer()
        call.wait_up()
        desk.wait_end(5)
        call.hears(880)
        call.bye()
        row = w.acme.wait_cdr(call)[0]
        assert row["callee_owner_id"] == w.acme.bob.id, row
        assert len(w.acme.cdrs(call.call_id)) == 1
    finally:
        second.register(expires=0)
        second.close()


def hold_and_resume_stay_on_the_same_rtpengine(w):
    """Lesson 27: a re-INVITE must not move the media elsewhere; both hear each other afterwards."""
    call = w.alice.call("202")
    other = w.bob.wait_call().ring()
    call.expect(180)
    other.answer()
    call.wait_up().hears(660)
    before = call.audio.remote
    assert call.hold().code == 200
    assert call.resume().code == 200
    assert call.audio.remote[0] == before[0], (before, call.audio.remote)
    call.hears(660)
    other.hears(440)
    call.bye()


def digits_pass(w):
    """RFC 4733 digits go from phone to phone."""
    call = w.alice.call("202")
    other = w.bob.wait_call().ring()
    call.expect(180)
    other.answer()
    call.wait_up().hears(660, 0.3)
    call.digits("159#")
    wait_for("digits", lambda: other.audio.events == list("159#"), 3)
    call.bye()


def call_between_tenants_stays_on_net(w):
    """Acme dials the other tenant's outside number: it rings there without a carrier. Here the other tenant is called."""
    bob2 = w.bystander.phones[1]
    call = w.alice.call(w.other.number)
    ringing = bob2.wait_call().ring()
    assert ringing.caller[1] == w.acme.number, f"shown: {ringing.caller}"
    ringing.answer(880)
    call.wait_up().hears(880)
    call.bye()
    ringing.wait_end()
    assert all(c.quiet() for c in w.carriers), "a carrier saw a call between tenants"
    w.acme.wait_cdr(call)
    w.bystander.remember()


TESTS = [both_phones_register_with_digest, same_name_and_extension_in_two_tenants,
         answered_call_is_heard_by_both_and_recorded_once, callee_hangs_up, caller_gives_up,
         all_devices_of_a_user_ring_and_one_answers, hold_and_resume_stay_on_the_same_rtpengine, digits_pass,
         call_between_tenants_stays_on_net]
