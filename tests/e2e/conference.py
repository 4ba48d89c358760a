"""Conferences with four phones: what each hears is taken apart by frequency, so that everybody hears all others and nobody
themself. Both tenants have the same numbers, rooms and PINs.
SPDX-License-Identifier: GPL-2.0-or-later"""
import time

import audio
from softphone import Softphone
from stack import wait_for

MAIN, OPEN, SHUT = "800", "7201", "7202"  # the number that asks; a room without PINs; one with
MEMBER_PIN, MODERATOR_PIN = "1234", "9999"
TONES = {"alice": 440, "bob": 660, "dave": 930, "eve": 1210}


class Rooms:
    """Made with the first test: rooms of both tenants, two more phones."""

    def __init__(self, w):
        for tenant in (w.acme, w.other):
            tenant.rooms = {}
            for number, member, moderator in ((OPEN, [], []), (SHUT, [MEMBER_PIN], [MODERATOR_PIN])):
                tenant.rooms[number] = tenant.api.put(f"{tenant.at}/conferences", {
                    "name": f"Room {number}", "conference_numbers": [number],
                    "member": {"join_muted": False, "pins": member}, "moderator": {"pins": moderator}})["id"]
            tenant.callflow([MAIN], {"module": "conference", "data": {}, "children": {}})
        for name, extension in (("dave", "2301"), ("eve", "2302")):
            user = w.acme.user(name.title(), "Conf", extension, box=False)
            setattr(w, name, w.acme.phone(user, freq=TONES[name]))
        w.acme.in_force()
        w.bystander.remember()


def rooms(w):
    if not hasattr(w, "conference_rooms"):
        w.conference_rooms = Rooms(w)


def dial(phone, keys, name=None):
    """Calls the main conference number and types room and PIN, each after its question has begun."""
    call = phone.call(MAIN, freq=TONES[name] if name else None)
    call.wait_up()
    for part in keys:
        time.sleep(0.4)
        call.audio.digits(part + "#")
    return call


def present(samples):
    """Which phones' tones are in it."""
    shares = {name: audio.goertzel(samples, hz) for name, hz in TONES.items()}
    return {name for name, share in shares.items() if share > 0.1}, shares


def hears_exactly(call, names, timeout=12):
    """For 0.5 s: the tones of all these phones, and no other's."""
    def heard():
        samples = call.audio.recording(time.monotonic() - 0.5)
        found, shares = present(samples)
        return len(samples) > 6000 and found == set(names) and all(
            s < 0.03 for n, s in shares.items() if n not in names)
    try:
        wait_for(f"{call.phone.name} hears {sorted(names)}", heard, timeout, 0.2)
    except AssertionError as e:
        raise AssertionError(f"{e}; at last {present(call.audio.recording(time.monotonic() - 0.5))[1]}") from None


def all_hear(calls):
    for name, call in calls.items():
        hears_exactly(call, set(calls) - {name})


def end(*calls):
    for call in calls:
        if call.state == "up":
            call.bye()


def each_hears_all_others_and_not_themself(w):
    """Four phones, G.711 of both kinds; then one leaves, and one holds."""
    rooms(w)
    w.bob.codecs = (8, 0)
    calls = {}
    try:
        for name in TONES:
            calls[name] = dial(getattr(w, name), [OPEN], name)
        all_hear(calls)
        calls.pop("bob").bye()
        all_hear(calls)
        # who holds the conference is not heard, nor their hold music
        assert calls["dave"].hold().code == 200
        hears_exactly(calls["alice"], {"eve"})
        assert calls["dave"].resume().code == 200
        all_hear(calls)
    finally:
        w.bob.codecs = (0, 8)
        end(*calls.values())


def keys_of_members_and_moderators(w):
    """PINs make roles; mute by key; the moderator locks, and puts out who came last."""
    rooms(w)
    calls = {}
    try:
        calls["alice"] = dial(w.alice, [SHUT, MODERATOR_PIN], "alice")
        calls["bob"] = dial(w.bob, [SHUT, "1111", MEMBER_PIN], "bob")  # wrong once
        calls["dave"] = dial(w.dave, [SHUT, MEMBER_PIN], "dave")
        all_hear(calls)
        calls["bob"].audio.digits("0")
        hears_exactly(calls["alice"], {"dave"})
        hears_exactly(calls["bob"], {"alice", "dave"})
        calls["bob"].audio.digits("0")
        all_hear(calls)
        calls["alice"].audio.digits("5")
        time.sleep(0.5)
        late = dial(w.eve, [SHUT, MEMBER_PIN], "eve")
        late.wait("BYE", lambda: late.state == "ended", 12)
        assert late.ended_by == "them"
        all_hear(calls)
        calls["alice"].audio.digits("9")
        out = calls.pop("dave")
        out.wait("BYE", lambda: out.state == "ended", 12)
        assert out.ended_by == "them"
        all_hear(calls)
    finally:
        end(*calls.values())


def three_wrong_pins_end_the_call(w):
    rooms(w)
    call = dial(w.eve, [SHUT, "1", "2", "3"], "eve")
    call.wait("BYE", lambda: call.state == "ended", 30)
    assert call.ended_by == "them"
    call = dial(w.eve, ["1", "2", "3"], "eve")  # rooms that are not there
    call.wait("BYE", lambda: call.state == "ended", 30)


def the_api_sees_and_commands(w):
    """Participants, mute, lock and kick; the other tenant's admin path has nothing to do with it."""
    rooms(w)
    at = f"{w.acme.at}/conferences/{w.acme.rooms[OPEN]}"
    calls = {}
    try:
        assert w.acme.api.get(f"{at}/participants") == []
        for name in ("alice", "bob", "dave"):
            calls[name] = dial(getattr(w, name), [OPEN], name)
        all_hear(calls)
        people = w.acme.api.get(f"{at}/participants")
        assert [p["caller_id_number"] for p in people] == ["201", "202", "2301"], people
        assert all(p["speak"] and p["hear"] and not p["is_moderator"] for p in people)
        assert w.other.api.get(f"{w.other.at}/conferences/{w.other.rooms[OPEN]}/participants") == []
        bob = f"{at}/participants/{people[1]['participant_id']}"
        w.acme.api.put(bob, {"action": "mute"})
        hears_exactly(calls["alice"], {"dave"})
        w.acme.api.put(bob, {"action": "unmute"})
        all_hear(calls)
        w.acme.api.put(at, {"action": "lock"})
        assert w.acme.api.get(at)["_read_only"]["is_locked"] is True
        w.acme.api.put(bob, {"action": "kick"})
        out = calls.pop("bob")
        out.wait("BYE", lambda: out.state == "ended", 12)
        all_hear(calls)
        again = dial(w.bob, [OPEN], "bob")
        again.wait("BYE", lambda: again.state == "ended", 12)
    finally:
        end(*calls.values())
    wait_for("an empty room", lambda: w.acme.api.get(f"{at}/participants") == [], 5)


def tenants_with_the_same_rooms_never_mix(w):
    rooms(w)
    calls = {}
    try:
        for name, phone in (("alice", w.alice), ("bob", w.bob), ("dave", w.bystander.phones[0]), ("eve", w.bystander.phones[1])):
            calls[name] = dial(phone, [OPEN], name)
        hears_exactly(calls["alice"], {"bob"})
        hears_exactly(calls["bob"], {"alice"})
        hears_exactly(calls["dave"], {"eve"})
        hears_exactly(calls["eve"], {"dave"})
        for tenant in (w.acme, w.other):
            assert len(tenant.api.get(f"{tenant.at}/conferences/{tenant.rooms[OPEN]}/participants")) == 2
    finally:
        end(*calls.values())
    for name in ("dave", "eve"):
        w.other.wait_cdr(calls[name])
    w.bystander.remember()


def a_softphone_with_g722_among_g711_phones(w):
    """baresip by a number of the room's own; wide and narrow hear each other."""
    rooms(w)
    w.acme.callflow(["801"], {"module": "conference", "data": {"id": w.acme.rooms[OPEN]}, "children": {}})
    fay = w.acme.user("Fay", "Conf", "2303", box=False)
    w.acme.in_force()
    mark = w.stack.mark()
    calls = {}
    try:
        with Softphone(w.stack, fay.device, w.acme.realm, dial="801", tone=TONES["eve"], codec="g722") as soft:
            for name in ("alice", "bob"):
                calls[name] = dial(getattr(w, name), [OPEN], name)
            hears_exactly(calls["alice"], {"bob", "eve"}, 20)
            hears_exactly(calls["bob"], {"alice", "eve"})
            assert "media: G722" in w.stack.since(mark, 1000), "it did not speak G.722"
            time.sleep(1)
            soft.hang_up()
            samples = soft.heard()[-2 * 8000:]
        found, shares = present(samples[:8000])
        assert found == {"alice", "bob"} and shares["eve"] < 0.03, shares
    finally:
        end(*calls.values())


def worker_of(call):
    return "media" + str(int(call.target.rsplit(":", 1)[1].split(";")[0].rstrip(">")) - 5070)


def the_worker_dies_and_they_meet_again(w):
    """kill -9: who dials in again meets the others on another worker."""
    rooms(w)
    calls = {name: dial(getattr(w, name), [OPEN], name) for name in ("alice", "bob")}
    all_hear(calls)
    parts = {worker_of(c) for c in calls.values()}
    assert len(parts) == 1, f"one room on {parts}"
    part = parts.pop()
    w.stack.ctl("kill", part)
    try:
        for call in calls.values():
            try:
                call.bye(2)
            except AssertionError:
                pass  # nobody is left to answer
        again = {name: dial(getattr(w, name), [OPEN], name) for name in ("alice", "bob")}
        assert all(worker_of(c) != part for c in again.values())
        all_hear(again)
        end(*again.values())
    finally:
        w.stack.ctl("start", part)
        w.stack.up(part)
        time.sleep(3)  # two pings: it is used again


TESTS = [each_hears_all_others_and_not_themself, keys_of_members_and_moderators, three_wrong_pins_end_the_call,
         the_api_sees_and_commands, tenants_with_the_same_rooms_never_mix, a_softphone_with_g722_among_g711_phones, the_worker_dies_and_they_meet_again]
