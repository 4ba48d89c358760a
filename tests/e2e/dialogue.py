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


# ---- voicemail, the owner's side

def new_message(world, freq):
    """One new message in Bob's box; its id."""
    from voicemail import wait_beep
    world.bob.policy = 486
    before = {m["media_id"] for m in world.acme.messages(world.acme.bob)}
    call = world.alice.call("202").say(None).wait_up(15)
    time.sleep(0.3)
    call.digits("#")
    wait_beep(call)
    time.sleep(0.4)
    call.say(freq)
    time.sleep(3)
    call.bye()
    return wait_for("the message", lambda: [m["media_id"] for m in world.acme.messages(world.acme.bob)
                                            if m["media_id"] not in before])[0]


def folder(world, message):
    return [m["folder"] for m in world.acme.messages(world.acme.bob) if m["media_id"] == message][0]


def owner_hears_and_deletes_messages(world):
    """The mp3 is played; deleting puts the lamp out at once, taking it back does not bring it on again (it was heard)."""
    w, bob = worker_of(world), world.acme.bob
    world.stack.sql("UPDATE vmbox SET is_setup = 1, pin = '2580' WHERE id = %s", bob.box)
    old = [m["media_id"] for m in world.acme.messages(bob) if m["folder"] == "new"]
    if old:
        world.stack.api.post(f"{world.acme.at}/vmboxes/{bob.box}/messages", {"folder": "saved", "messages": old})
    message = new_message(world, 523)
    world.bob.wait_lamp(1)
    call = w.call(world.acme.id, f"voicemail;action=check;box={bob.box};mailbox=202;owner=1;user={bob.id}", number="202")
    call.say(None).wait_up()
    hears_words(call)
    call.digits("1")
    call.hears(523, 2, 20)
    call.digits("7")
    world.bob.wait_lamp(0)
    assert folder(world, message) == "deleted"
    hears_words(call, 0.3)
    call.digits("7")
    wait_for("the message is back", lambda: folder(world, message) == "saved", 5)
    call.digits("#")
    hears_words(call, 0.3)
    call.digits("#")
    call.wait_end(8)
    assert call.ended_by == "them"


def strangers_need_the_pin(world):
    """*98: mailbox number and PIN; three wrong PINs lock the box; nobody enters from outside."""
    w, bob = worker_of(world), world.acme.bob
    world.stack.sql("UPDATE vmbox SET is_setup = 1, pin = '2580' WHERE id = %s", bob.box)

    def enter(pin):
        call = w.call(world.acme.id, "voicemail;action=check;ask=1;single=1")
        call.say(None).wait_up()
        time.sleep(0.3)
        call.digits("202#")
        time.sleep(0.5)
        call.digits(pin + "#")
        return call

    call = enter("2580")
    wait_for("the box is opened", lambda: f"box {bob.box} is opened" in w.log(), 5)
    call.bye()
    call = enter("1111")
    for _ in range(2):
        time.sleep(0.5)
        call.digits("1111#")
    call.wait_end(12)
    assert "which is locked now" in w.log()
    opened = w.log().count("is opened")
    call = enter("2580")
    call.wait_end(12)
    assert w.log().count("is opened") == opened
    world.stack.sql("DELETE FROM vmbox_lock")
    call = w.call(world.acme.id, f"voicemail;action=check;box={bob.box};owner=1;offnet=1", number="+353861111111")
    call.wait_up().wait_end(12)
    assert w.log().count("is opened") == opened


def pin_and_greeting_by_phone(world):
    """Settings: a new PIN, a greeting; the API shows both at once, and callers hear the greeting."""
    from voicemail import wait_beep
    w, acme = worker_of(world), world.acme
    carol = acme.carol
    world.stack.sql("UPDATE vmbox SET is_setup = 1 WHERE id = %s", carol.box)
    call = w.call(acme.id, f"voicemail;action=check;box={carol.box};mailbox=203;owner=1", number="203")
    call.say(None).wait_up()
    hears_words(call, 0.3)
    call.digits("05")
    time.sleep(0.3)
    call.digits("2580#2580#")
    wait_for("the PIN", lambda: world.stack.sql("SELECT pin FROM vmbox WHERE id=%s", carol.box)[0]["pin"] == "2580", 5)
    time.sleep(2.5)   # "password changed"
    call.digits("1")
    wait_beep(call)
    time.sleep(0.6)
    call.say(987)
    time.sleep(2)
    call.digits("#")
    call.say(None)
    call.hears(987, 1)
    call.digits("1")
    media = wait_for("the greeting", lambda: world.stack.sql(
        "SELECT m.id FROM vmbox b JOIN media m ON m.id = b.greeting_id WHERE b.id=%s", carol.box))[0]["id"]
    call.bye()
    assert world.stack.api.get(f"{acme.at}/vmboxes/{carol.box}")["media"]["unavailable"] == media
    acme.in_force()
    caller = world.alice.call("203").say(None).wait_up()
    caller.hears(987, 1, 10)
    caller.bye()
    world.stack.sql("UPDATE vmbox SET greeting_id = NULL WHERE id = %s", carol.box)
    world.stack.changed(acme.id, "vmbox", carol.box)


# ---- codes: hot desk and settings

def hot_desk_login_and_logout(world):
    """Bob logs in on Alice's phone: it rings for him, within 250 ms of the change; then out again."""
    w, acme = worker_of(world), world.acme
    world.stack.sql("UPDATE user SET hotdesk = '{\"enabled\":true,\"id\":\"1002\",\"pin\":\"4321\"}' WHERE id=%s",
                    acme.bob.id)
    call = w.call(acme.id, f"hotdesk;action=login;device={acme.alice.device.id}").say(None).wait_up()
    hears_words(call, 0.3)
    call.digits("1002#")
    hears_words(call, 0.3)
    call.digits("9999#")
    hears_words(call, 0.3)
    call.digits("4321#")

    def users():
        rows = world.stack.sql("SELECT JSON_QUERY(hotdesk, '$.users') AS u FROM device WHERE id=%s", acme.alice.device.id)
        return rows[0]["u"] or "{}"
    wait_for("the login", lambda: acme.bob.id in users(), 5)
    world.stack.in_force(1)
    call.wait_end(15)   # "logged in, you have ..."
    world.bob.policy = "ring"
    to_bob = world.carriers[0].call(f"sip:+35315550100@{world.stack.ip}", from_user="+353861111111")
    at_alice = world.alice.wait_call().ring()
    to_bob.expect(180)
    to_bob.cancel()
    at_alice.wait_end(5)
    call = w.call(acme.id, f"hotdesk;action=logout;device={acme.alice.device.id};user={acme.bob.id}").wait_up()
    wait_for("the logout", lambda: acme.bob.id not in users(), 5)
    call.wait_end(10)
    world.stack.in_force(1)
    while not world.bob.incoming.empty():
        world.bob.incoming.get_nowait()
    to_bob = world.carriers[0].call(f"sip:+35315550100@{world.stack.ip}", from_user="+353861111111")
    at_bob = world.bob.wait_call().ring()
    assert world.alice.quiet(0.5)
    to_bob.expect(180)
    to_bob.cancel()
    at_bob.wait_end(5)


def settings_by_phone(world):
    """Do not disturb and a forward with its number asked for; another tenant's user is out of reach."""
    w, acme = worker_of(world), world.acme

    def row():
        return world.stack.sql("SELECT do_not_disturb, call_forward FROM user WHERE id=%s", acme.carol.id)[0]
    w.call(acme.id, f"feature;action=dnd_on;user={acme.carol.id}").wait_up().wait_end(10)
    assert row()["do_not_disturb"] == 1
    assert world.stack.api.get(f"{acme.at}/users/{acme.carol.id}")["do_not_disturb"]["enabled"] is True
    w.call(acme.id, f"feature;action=dnd_off;user={acme.carol.id}").wait_up().wait_end(10)
    assert row()["do_not_disturb"] == 0
    call = w.call(acme.id, f"feature;action=forward_on;user={acme.carol.id}").say(None).wait_up()
    hears_words(call, 0.3)
    call.digits("202#")
    call.wait_end(15)
    forward = world.stack.api.get(f"{acme.at}/users/{acme.carol.id}")["call_forward"]
    assert forward["enabled"] is True and forward["number"] == "202", forward
    w.call(acme.id, f"feature;action=forward_off;user={acme.carol.id}").wait_up().wait_end(10)
    assert world.stack.api.get(f"{acme.at}/users/{acme.carol.id}")["call_forward"]["enabled"] is False
    stranger = world.other.alice.id
    w.call(acme.id, f"feature;action=dnd_on;user={stranger}").wait_up().wait_end(10)
    assert world.stack.sql("SELECT do_not_disturb AS d FROM user WHERE id=%s", stranger)[0]["d"] == 0


def a_dead_database_is_an_apology(world):
    """Nothing hangs: the caller hears an apology within seconds, and other callers leave messages meanwhile."""
    w = worker_of(world)
    world.stack.ctl("stop", "mysqld")
    try:
        began = time.monotonic()
        call = w.call(world.acme.id, f"feature;action=dnd_on;user={world.acme.carol.id}").wait_up()
        hears_words(call, 0.5, 8)
        call.wait_end(15)
        assert time.monotonic() - began < 15
    finally:
        world.stack.ctl("start", "mysqld")
        world.stack.up("mysqld")
    wait_for("the database is back", lambda: world.stack.sql("SELECT 1 AS one"), 20)


TESTS += [owner_hears_and_deletes_messages, strangers_need_the_pin, pin_and_greeting_by_phone, hot_desk_login_and_logout,
          settings_by_phone, a_dead_database_is_an_apology]


def codes_through_kamailio(world):
    """*11 and *12 from a phone; the owner who logs out leaves the phone unassigned; *97 hears the own box; *78."""
    api, acme = world.stack.api, world.acme
    acme.callflow(["*11"], {"module": "hotdesk", "data": {"action": "login"}, "children": {}})
    acme.callflow(["*12"], {"module": "hotdesk", "data": {"action": "logout"}, "children": {}})
    acme.callflow([], {"module": "voicemail", "data": {"action": "check"}, "children": {}}, patterns=[r"^\*97([0-9]*)$"])
    acme.callflow(["*78"], {"module": "do_not_disturb", "data": {"action": "activate"}, "children": {}})
    acme.callflow(["*79"], {"module": "do_not_disturb", "data": {"action": "deactivate"}, "children": {}})
    for user, number in ((acme.alice, "1001"), (acme.bob, "1002")):
        api.patch(f"{acme.at}/users/{user.id}", {"hotdesk": {"enabled": True, "id": number, "pin": None, "require_pin": False}})
    world.stack.sql("UPDATE vmbox SET is_setup = 1 WHERE id = %s", acme.alice.box)
    acme.in_force()

    def device():
        return world.stack.sql("SELECT COALESCE(hotdesk, '') AS h FROM device WHERE id=%s", acme.alice.device.id)[0]["h"]

    def dial(code, keys=""):
        call = world.alice.call(code).say(None).wait_up()
        if keys:
            hears_words(call, 0.3)
            call.digits(keys)
        return call.wait_end(20)

    dial("*11", "1002#")
    assert acme.bob.id in device(), device()
    dial("*12")
    assert acme.bob.id not in device(), device()
    dial("*12")            # now Alice herself
    assert "unassigned" in device(), device()
    acme.in_force()
    call = world.bob.call("201").say(None).wait_up(8)   # voicemail at once
    assert world.alice.incoming.empty()
    call.bye()
    call = world.alice.call("202")                      # it can still dial out
    bob = world.bob.wait_call().ring()
    call.expect(180)
    call.cancel()
    bob.wait_end(5)
    dial("*11", "1001#")
    assert "unassigned" not in device(), device()
    acme.in_force()
    call = world.bob.call("201")
    alice = world.alice.wait_call().ring()
    call.expect(180)
    call.cancel()
    alice.wait_end(5)
    dial("*78")
    acme.in_force()
    assert api.get(f"{acme.at}/users/{acme.alice.id}")["do_not_disturb"]["enabled"] is True
    call = world.bob.call("201").wait_up(8)
    assert world.alice.incoming.empty()
    call.bye()
    dial("*79")
    call = world.alice.call("*97").say(None).wait_up()
    hears_words(call, 1)
    call.digits("#")
    call.wait_end(15)
    world.stack.sql("UPDATE device SET hotdesk = NULL WHERE id = %s", acme.alice.device.id)
    world.stack.changed(acme.id, "device", acme.alice.device.id)
    acme.in_force()


TESTS += [codes_through_kamailio]


def spoken_texts_and_dial_by_name(world):
    """A tts node, a menu whose greeting is spoken from text, and the directory: BAK# and 1 reaches Bob Baker."""
    api, acme = world.stack.api, world.acme
    acme.callflow(["350"], {"module": "tts", "data": {"text": "Welcome to our company."}, "children": {
        "_": {"module": "user", "data": {"id": acme.bob.id, "timeout": 20}, "children": {}}}})
    media = api.put(f"{acme.at}/media", {"name": "hello", "media_source": "tts", "tts": {"text": "Press one for sales."}})["id"]
    menu_id = api.put(f"{acme.at}/menus", {"name": "spoken", "media": {"greeting": media}})["id"]
    acme.callflow(["351"], {"module": "menu", "data": {"id": menu_id}, "children": {}})
    directory = api.put(f"{acme.at}/directories", {"name": "everybody", "min_dtmf": 3})["id"]
    api.patch(f"{acme.at}/users/{acme.bob.id}", {"directories": {directory: acme.bob.flow}})
    acme.callflow(["352"], {"module": "directory", "data": {"id": directory}, "children": {}})
    acme.in_force()
    call = world.alice.call("350").say(None)
    bob = world.bob.wait_call(15)   # after the text, as early media
    heard = audio.loud_seconds(call.audio.recording(call.started))
    assert heard > 0.5 and call.state != "up", (heard, call.story())
    bob.ring().answer(freq=660)
    call.wait_up().hears(660)
    call.bye()
    bob.wait_end(5)
    call = world.alice.call("351").say(None).wait_up()
    hears_words(call, 0.5)
    call.bye()
    call = world.alice.call("352").say(None).wait_up()
    hears_words(call, 0.5)
    call.digits("225#")
    hears_words(call, 0.5)
    call.digits("1")
    bob = world.bob.wait_call(10).ring()
    bob.answer(freq=660)
    call.hears(660)
    call.bye()
    bob.wait_end(5)


TESTS += [spoken_texts_and_dial_by_name]


def a_forward_wants_a_key(world):
    """Dora forwards to her mobile and wants a key pressed: a foreign voicemail swallows nothing, a pressed 1 is the answer."""
    api, acme = world.stack.api, world.acme
    if not hasattr(acme, "dora"):
        acme.dora = acme.user("Dora", "Dean", "204", 15, device=False)
    api.patch(f"{acme.at}/users/{acme.dora.id}", {"call_forward": {
        "enabled": True, "number": "+353861234567", "require_keypress": True, "keep_caller_id": False, "substitute": True}})
    acme.in_force()
    carrier = world.carriers[0]
    call = world.alice.call("204", freq=440)
    mobile = carrier.wait_call(10)
    mobile.ring()
    call.expect(180)
    mobile.answer(freq=660)
    hears_words(mobile)
    assert call.state == "early", call.story()
    mobile.digits("1")
    call.wait_up(5)
    call.say(440)
    call.hears(660)
    mobile.hears(440)
    call.bye()
    mobile.wait_end(5)
    # nobody presses: the leg ends, Dora's own voicemail answers
    call = world.alice.call("204", freq=440)
    mobile = carrier.wait_call(10)
    mobile.ring()
    mobile.answer(freq=660)
    mobile.wait_end(25)
    call.wait_up(10)
    hears_words(call)
    call.bye()


TESTS += [a_forward_wants_a_key]
