"""Dialogues of the media worker, spoken to without routing: a worker of the test's own takes its calls from the test
(lib/own_worker.py). Menus and key-press confirmation, and the calls that the worker makes itself.
SPDX-License-Identifier: GPL-2.0-or-later"""
import time

import audio
from stack import wait_for
from own_worker import OwnWorker


def worker_of(world):
    """One for all these tests; ends with the world."""
    if not getattr(world, "own_worker", None):
        world.own_worker = OwnWorker(world.stack)
        close = world.close
        world.close = lambda: (world.own_worker.close(), close())
    proxy = world.own_worker.proxy
    while not proxy.incoming.empty():
        proxy.incoming.get_nowait()
    return world.own_worker


def menu(world, keys, **params):
    w = worker_of(world)
    text = ";".join(["menu", "id=" + "0" * 32, "keys=" + keys] + [f"{k}={v}" for k, v in params.items()])
    call = w.call(world.acme.id, text, freq=440, dialled="100")
    call.say(None)
    return w, call.wait_up()


def hears_words(call, seconds=0.5, timeout=6):
    """Somebody speaks: not silence, and not one steady tone."""
    since, end = time.monotonic(), time.monotonic() + timeout
    while time.monotonic() < end:
        time.sleep(0.1)
        heard = call.audio.recording(since)
        if audio.loud_seconds(heard) >= seconds:
            return True
    raise AssertionError(f"{call}: no words within {timeout} s")


def menu_key_continues_the_callflow(world):
    """Key 1: INVITE sip:continue with cursor and child; ringing is heard; then the parties speak and RTP leaves the worker."""
    w, call = menu(world, "1,2,timeout")
    hears_words(call)
    call.digits("1")
    then = w.proxy.wait_call()
    assert then.invite.uri.startswith("sip:continue@"), then.invite.uri
    assert then.invite.get("X-Centrex-Outcome") == "continue;key=1", then.invite.get("X-Centrex-Outcome")
    assert then.invite.get("X-Centrex-Cursor") == "test-cursor"
    assert then.invite.get("X-Centrex-Account") == world.acme.id
    assert then.invite.get("X-Centrex-Call") == call.invite.get("X-Centrex-Call")
    assert int(then.invite.get("Max-Forwards")) == 69
    assert then.caller == ("Alice Archer", "201"), then.caller
    then.ring()
    call.hears(425, 0.6)
    call.say(440)
    then.answer(freq=660)
    call.hears(660)
    then.hears(440)
    # RTP goes from one to the other: each sends to the other's own port
    assert call.audio.remote[1] == then.audio.port and then.audio.remote[1] == call.audio.port
    # hold and resume pass
    assert call.hold().code == 200
    assert "sendonly" in then.requests[-1].body or "sendonly" in then.requests[-2].body
    assert call.resume().code == 200
    then.hears(440)
    assert then.reinvite().code == 200
    call.hears(660)
    assert then.bye() == 200
    call.wait_end(3)
    assert call.ended_by == "them"


def early_media_reaches_the_caller(world):
    w, call = menu(world, "1")
    call.digits("1")
    then = w.proxy.wait_call()
    then.freq = 880
    then.early_media()
    call.hears(880)
    then.answer()
    call.hears(880)
    assert call.bye() == 200
    then.wait_end(3)


def caller_hangs_up_while_it_rings(world):
    w, call = menu(world, "1")
    call.digits("1")
    then = w.proxy.wait_call()
    then.ring()
    time.sleep(0.2)
    assert call.bye() == 200
    then.wait_end(3)
    assert [m for m in then.requests if m.method == "CANCEL"]


def nobody_takes_the_call(world):
    """The callflow ends without an answer: the caller's call ends too."""
    w, call = menu(world, "1")
    call.digits("1")
    then = w.proxy.wait_call()
    then.ring()
    then.reject(486)
    call.wait_end(3)
    assert call.ended_by == "them"


def menu_dials_extensions(world):
    """202 is an extension of the account: the callflow goes on with it; 299 is none: told so, and asked again."""
    w, call = menu(world, "1", hunt=1, max=4, interdigit=500)
    hears_words(call)
    call.digits("299")
    time.sleep(0.7)
    assert w.proxy.quiet(0.5)
    hears_words(call)
    call.digits("202#")
    then = w.proxy.wait_call()
    assert then.invite.get("X-Centrex-Outcome") == "continue;key=_;dial=202", then.invite.get("X-Centrex-Outcome")
    then.reject(480)
    call.wait_end(5)


def menu_without_keys_ends_in_its_timeout_child(world):
    w, call = menu(world, "1,timeout", timeout=300, greeting="system_media/beep")
    then = w.proxy.wait_call(8)
    assert then.invite.get("X-Centrex-Outcome") == "continue;key=timeout"
    then.reject(404)
    call.wait_end(3)


def menu_greeting_recorded_by_phone(world):
    """The record PIN: a tone is recorded, accepted, stored as media, and is the menu's greeting from then on."""
    api, acme = world.stack.api, world.acme
    menu_id = "3" * 32
    world.stack.sql("INSERT IGNORE INTO menu (id, account_id, name, created, modified) VALUES (%s,%s,'reception',1,1)",
                    menu_id, acme.id)
    w = worker_of(world)
    call = w.call(acme.id, f"menu;id={menu_id};keys=1;pin=4711;interdigit=600", freq=440).say(None).wait_up()
    hears_words(call, 0.3)
    call.digits("4711")
    from voicemail import wait_beep
    wait_beep(call)
    time.sleep(0.6)
    call.say(523)
    time.sleep(2)
    since = time.monotonic()
    call.digits("#")
    call.say(None)
    call.hears(523, 1.2)      # it is played back
    call.digits("1")
    row = wait_for("the greeting in the menu", lambda: world.stack.sql(
        "SELECT m.* FROM media m JOIN menu ON JSON_VALUE(menu.doc, '$.media.greeting') = m.id WHERE menu.id=%s", menu_id))[0]
    assert row["account_id"] == acme.id and row["media_source"] == "recording" and row["storage_key"], row
    call.hears(523, 1.2)      # and is the greeting at once
    call.bye()
    sound = api.raw("GET", f"{acme.at}/media/{row['id']}/raw", plain=True)
    assert sound[:4] == b"RIFF" and len(sound) == row["content_length"]
    kinds = {r["kind"] for r in world.stack.sql("SELECT kind FROM change_log WHERE object_id IN (%s,%s)", menu_id, row["id"])}
    assert kinds == {"menu", "media"}, kinds


def confirm(world, number="201"):
    w = worker_of(world)
    call = w.call(world.acme.id, f"confirm;uri=sip:%2B353861234567@{w.proxy.ip}", freq=440, number=number,
                  headers=[("X-Centrex-Forward", "signed-words")])
    call.say(440)
    then = w.proxy.wait_call()
    assert then.invite.get("X-Centrex-Forward") == "signed-words"
    assert then.invite.uri.startswith("sip:+353861234567@"), then.invite.uri
    return w, call, then


def forward_is_confirmed_by_key(world):
    w, call, then = confirm(world)
    then.ring()
    call.expect(180)
    then.answer(freq=660)
    hears_words(then)
    assert call.state == "early"
    then.digits("1")
    call.wait_up(4)
    call.hears(660)
    then.hears(440)
    assert call.audio.remote[1] == then.audio.port and then.audio.remote[1] == call.audio.port
    assert call.bye() == 200
    then.wait_end(3)


def forward_to_a_voicemail_is_dropped(world):
    """Whoever answers without a key (a foreign voicemail) is hung up on after 7 s, and the leg counts as not answered."""
    w, call, then = confirm(world)
    then.ring()
    then.answer(freq=660)
    began = time.monotonic()
    assert call.final(20) == 480
    assert 7 <= time.monotonic() - began <= 18
    then.wait_end(3)


def forward_busy_or_refused(world):
    w, call, then = confirm(world)
    then.reject(486)
    assert call.final(5) == 486
    w, call, then = confirm(world)
    then.ring()
    then.answer()
    hears_words(then, 0.2)
    then.digits("2")
    assert call.final(5) == 480
    then.wait_end(3)


def caller_gives_up_before_the_key(world):
    w, call, then = confirm(world)
    then.ring()
    call.expect(180)
    call.cancel()
    assert call.final(5) == 487
    then.wait_end(5)
    w, call, then = confirm(world)
    then.ring()
    then.answer()
    hears_words(then, 0.2)
    call.cancel()
    assert call.final(5) == 487
    then.wait_end(5)


TESTS = [menu_key_continues_the_callflow, early_media_reaches_the_caller, caller_hangs_up_while_it_rings,
         nobody_takes_the_call, menu_dials_extensions, menu_without_keys_ends_in_its_timeout_child,
         menu_greeting_recorded_by_phone, forward_is_confirmed_by_key, forward_to_a_voicemail_is_dropped,
         forward_busy_or_refused, caller_gives_up_before_the_key]


# ---- through Kamailio, as tenants use it

def real_menu(world):
    """A menu document with hunting, on number 340: 1 is Bob."""
    if not getattr(world, "menu_id", None):
        api, acme = world.stack.api, world.acme
        world.menu_id = api.put(f"{acme.at}/menus", {"name": "reception", "hunt": True, "retries": 2, "timeout": 4000,
                                                     "max_extension_length": 3})["id"]
        acme.callflow(["340"], {"module": "menu", "data": {"id": world.menu_id}, "children": {
            "1": {"module": "user", "data": {"id": acme.bob.id, "timeout": 20}, "children": {}}}})
        acme.in_force()
    call = world.alice.call("340", freq=440)
    call.say(None)
    return call.wait_up()


def a_menu_puts_callers_through(world):
    """Alice dials the menu, presses 1, hears ringing, speaks with Bob; RTP no longer passes the worker."""
    call = real_menu(world)
    hears_words(call)
    call.digits("1")
    bob = world.bob.wait_call()
    assert bob.caller == ("Alice Archer", "201"), bob.caller
    bob.ring()
    call.hears(425, 0.6)
    bob.answer(freq=660)
    call.say(440)
    call.hears(660)
    bob.hears(440)
    assert call.hold().code == 200
    assert call.resume().code == 200
    bob.hears(440)
    assert bob.bye() == 200
    call.wait_end(5)


def a_menu_dials_an_extension(world):
    call = real_menu(world)
    hears_words(call)
    call.digits("202")
    bob = world.bob.wait_call()
    bob.ring()
    bob.answer(freq=660)
    call.hears(660)
    assert call.bye() == 200
    bob.wait_end(5)


TESTS += [a_menu_puts_callers_through, a_menu_dials_an_extension]
