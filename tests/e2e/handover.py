"""Calls that change hands: transfers, pickup, intercept, parking; and limits. SPDX-License-Identifier: GPL-2.0-or-later"""
import time

EXTRA = [("Supported", "replaces")]


def _third(w):
    """A third user with a phone, made once."""
    if not hasattr(w, "dora"):
        w.acme.dora_user = w.acme.user("Dora", "Dunn", "204", 8, box=False)
        w.dora = w.acme.phone(w.acme.dora_user, freq=880)
        w.phones.append(w.dora)
    return w.dora


def _talk(caller, number, callee, **options):
    call = caller.call(number, **options)
    other = callee.wait_call().ring()
    call.expect(180)
    other.answer()
    return call.wait_up(), other


def blind_transfer_rings_the_target_with_who_was_transferred(w):
    """Alice transfers Bob to Dora: REFER reaches Bob's phone, Dora sees Bob."""
    dora = _third(w)
    call, bob = _talk(w.alice, "202", w.bob)
    assert call.refer(f"<sip:204@{w.acme.realm}>") == 200
    assert any(m.method == "REFER" for m in bob.requests)
    call.bye()
    on = w.bob.call("204")
    ringing = dora.wait_call().ring()
    assert ringing.caller == ("Bob Baker", "202"), ringing.caller
    on.expect(180)
    ringing.answer()
    on.wait_up().hears(880)
    ringing.hears(660)
    on.bye()
    ringing.wait_end()
    row = w.acme.wait_cdr(on)[0]
    assert row["forwarded_by"] == w.acme.alice.id, row


def transfer_has_the_rights_of_who_transfers(w):
    """Alice may not call abroad; she cannot send Bob there either."""
    w.stack.api.patch(f"{w.acme.at}/users/{w.acme.alice.id}",
                      {"call_restriction": {"international": {"action": "deny"}}})
    w.acme.in_force()
    try:
        call, bob = _talk(w.alice, "202", w.bob)
        assert call.refer(f"<sip:0033123456789@{w.acme.realm}>") == 200
        on = w.bob.call("0033123456789")
        assert on.final(15) == 403, on.code
        call.bye()
        free = w.bob.call("0033123456789")   # by himself he may
        w.carriers[0].wait_call().reject(486)
        assert free.final() == 486
    finally:
        w.stack.api.patch(f"{w.acme.at}/users/{w.acme.alice.id}", {"call_restriction": None})
        w.acme.in_force()


def attended_transfer_replaces_the_call(w):
    """Alice talks to Bob and to Dora; Bob's INVITE with Replaces reaches Dora's phone, not her callflow."""
    dora = _third(w)
    first, bob = _talk(w.alice, "202", w.bob)
    second, old = _talk(w.alice, "204", dora)
    assert first.hold().code == 200
    on = w.bob.call(second.target, headers=[("Replaces", second.dialog)])
    new = dora.wait_call(5)
    assert new.invite.get("Replaces") == second.dialog, new.invite.headers
    new.answer()
    on.wait_up().hears(880)
    assert old.bye() == 200
    second.wait_end()
    first.bye()
    on.bye()
    new.wait_end()
    thief = w.bystander.phones[0].call("202", headers=[("Replaces", second.dialog)])
    assert thief.final(5) == 481, "a call was taken by another tenant"
    time.sleep(0.5)
    w.bystander.remember()


def pickup_takes_a_ringing_call(w):
    """Dora picks up what rings at Bob: by Replaces when the caller's phone knows it, else her phone rings with it."""
    dora = _third(w)
    w.acme.callflow(["*8202"], {"module": "group_pickup", "data": {"user_id": w.acme.bob.id}, "children": {}})
    w.acme.in_force()
    call = w.alice.call("202", headers=EXTRA)
    bob = w.bob.wait_call().ring()
    call.expect(180)
    picked = dora.call("*8202")
    takes = w.alice.wait_call(5)
    assert takes.invite.get("Replaces").startswith(call.call_id), takes.invite.headers
    takes.answer()
    call.cancel()
    picked.wait_up().hears(440)
    bob.wait_end(5)
    picked.bye()
    takes.wait_end()
    call = w.alice.call("202")
    bob = w.bob.wait_call().ring()
    call.expect(180)
    picked = dora.call("*8202")
    assert picked.final(5) == 480
    takes = dora.wait_call(5)
    assert "answer-after=0" in takes.invite.get("Call-Info"), takes.invite.headers
    takes.answer()
    call.wait_up().hears(880)
    bob.wait_end(5)
    call.bye()
    takes.wait_end()
    assert dora.call("*8202").final(15) >= 400, "picked up nothing"


def park_and_retrieve(w):
    """Bob waits in slot 101, Dora fetches him from there; when she hangs up, so has he."""
    dora = _third(w)
    w.acme.callflow(["*3101"], {"module": "park", "data": {"action": "park", "slot": "101"}, "children": {}})
    w.acme.callflow(["*5101"], {"module": "park", "data": {"action": "retrieve", "slot": "101"}, "children": {}})
    w.acme.in_force()
    assert dora.call("*5101").final(15) >= 400, "fetched nobody"
    parked = w.bob.call("*3101")
    parked.wait_up()
    busy = w.alice.call("*3101")
    assert busy.final(15) >= 400, "two in one slot"
    fetched = dora.call("*5101")
    fetched.wait_up()
    fetched.hears(660)
    parked.hears(880)
    again = w.alice.call("*5101")
    assert again.final(15) >= 400, "a third one joined"
    fetched.bye()
    parked.wait_end(5)


def limits_are_leases(w):
    """One call at a time for the account: the second is refused, emergency is not, and hanging up frees the place."""
    before = w.stack.sql("SELECT max_calls FROM account WHERE id = %s", w.acme.id)[0]["max_calls"]
    w.stack.sql("UPDATE account SET max_calls = 1 WHERE id = %s", w.acme.id)
    w.stack.changed(w.acme.id, "account", w.acme.id)
    w.acme.in_force()
    try:
        call, bob = _talk(w.alice, "202", w.bob)
        dora = _third(w)
        refused = dora.call("203")
        assert refused.final(5) == 486, refused.code
        rescue = dora.call("112")
        w.carriers[0].wait_call().answer()
        rescue.wait_up()
        rescue.bye()
        call.bye()
        bob.wait_end()
        free = dora.call("202")
        w.bob.wait_call().reject(486)
        assert free.final(10) == 200   # his voicemail
        free.bye()
        assert int(w.stack.rpc("centrex.stats")["limited"]) >= 1
    finally:
        w.stack.sql("UPDATE account SET max_calls = %s WHERE id = %s", before, w.acme.id)
        w.stack.changed(w.acme.id, "account", w.acme.id)
        w.acme.in_force()


TESTS = [blind_transfer_rings_the_target_with_who_was_transferred, transfer_has_the_rights_of_who_transfers,
         attended_transfer_replaces_the_call, pickup_takes_a_ringing_call, park_and_retrieve, limits_are_leases]


def held_party_hears_music_until_resumed(w):
    """The default music while on hold, in each way that phones say so; the account's own when it has one."""
    import io
    import math
    import struct
    import wave
    data = io.BytesIO()
    with wave.open(data, "wb") as f:
        f.setnchannels(1), f.setsampwidth(2), f.setframerate(8000)
        f.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(2 * math.pi * 1500 * i / 8000))) for i in range(16000)))
    call, bob = _talk(w.alice, "202", w.bob)
    call.hears(660)
    bob.hears(440)
    for how in ("sendonly", "inactive"):
        call.say(None)
        before = bob.audio.received_packets
        assert call.reinvite(how).code == 200
        time.sleep(0.3)
        since = bob.audio.received_packets
        time.sleep(1)
        assert bob.audio.received_packets - since > 30, f"no music after {how}"
        call.say(440)
        assert call.resume().code == 200
        bob.hears(440)
        assert bob.audio.received_packets > before
    call.bye()
    bob.wait_end()
    media = w.stack.api.put(f"{w.acme.at}/media", {"name": "music", "streamable": True})["id"]
    upload(w, f"{w.acme.at}/media/{media}/raw", data.getvalue())
    w.stack.api.patch(w.acme.at, {"music_on_hold": {"media_id": media}})
    w.acme.in_force()
    call, bob = _talk(w.alice, "202", w.bob)
    call.say(None)
    assert call.hold().code == 200
    bob.hears(1500, 0.5)
    call.say(440)
    assert call.resume().code == 200
    bob.hears(440)
    assert bob.silent(1500, 0.6), "the music goes on after the call was resumed"
    bob.say(None)
    assert bob.hold().code == 200   # the callee holds: the caller hears it
    call.hears(1500)
    call.bye()
    w.stack.api.patch(w.acme.at, {"music_on_hold": None})


def upload(w, path, data):
    import urllib.request
    request = urllib.request.Request(w.stack.api.base + path, data,
                                     {"Content-Type": "audio/x-wav", "X-Auth-Token": w.stack.api.token}, method="POST")
    with urllib.request.urlopen(request, timeout=20) as reply:
        assert reply.status < 300


TESTS.append(held_party_hears_music_until_resumed)
