"""Voicemail: what the caller hears, what arrives by mail, in the API and at the lamp.
SPDX-License-Identifier: GPL-2.0-or-later"""
import time

import audio
import mp3
from stack import wait_for


def wait_beep(call, timeout=25, since=None):
    """Waits for the beep (one steady frequency for 0.2 s or more); returns seconds of sound before it."""
    since = call.started if since is None else since
    end = time.monotonic() + timeout
    done, steady = 0, None
    while time.monotonic() < end:
        time.sleep(0.05)
        heard = call.audio.recording(since) if call.audio else b""
        while len(heard) - done >= 1600:
            hz = audio.steady(heard[done:done + 1600])
            if hz and steady and abs(hz - steady) <= 10:
                return audio.loud_seconds(heard[:max(0, done - 1600)])
            steady = hz
            done += 1600
    raise AssertionError(f"{call}: no beep within {timeout} s; {call.story()}")


def leave_message(world, caller, target, freq, seconds, hang_up=True):
    """Dials, waits for greeting and beep, sends a tone; returns the call."""
    call = caller.call(target)
    call.wait_up(25)
    wait_beep(call)
    time.sleep(0.4)  # until the beep is over
    call.say(freq)
    time.sleep(seconds)
    if hang_up:
        call.bye()
    return call


def mail_with_audio(world, user, count=1, timeout=20):
    """Waits for the user's mails; returns (mail, linear samples, is mpeg) of the newest."""
    mails = wait_for(f"{count} mails to {user.email}",
                     lambda: (lambda m: m if len(m) >= count else None)(world.stack.mails(user.email)), timeout)
    parts = [p for m in mails[-1:] for p in m.walk() if p.get_content_maintype() == "audio"]
    assert len(parts) == 1, f"attachments: {[p.get_content_type() for p in mails[-1].walk()]}"
    samples, is_mpeg = mp3.decode(parts[0].get_payload(decode=True))
    return mails[-1], samples, is_mpeg


def nobody_answers_so_a_message_is_left(w):
    """Ringing time, greeting, beep, message; then mail with mp3, API list and audio, and the lamp."""
    bob = w.acme.bob
    known = {m["media_id"] for m in w.acme.messages(bob)}
    lamp = w.bob.lamp["new"] if w.bob.lamp else 0
    mails = len(w.stack.mails(bob.email))
    w.bob.policy = "ring"
    call = w.alice.call("202", freq=None)
    call.say(None)
    ringing = w.bob.wait_call()
    call.wait_up(15)
    waited = call.answered_at - call.started
    assert 2.5 <= waited <= 6, f"voicemail answered after {waited:.1f} s; the ringing time is 3 s"
    ringing.wait_end(3)
    greeting = wait_beep(call)
    assert greeting > 1, f"only {greeting:.1f} s of greeting before the beep"
    time.sleep(0.4)
    call.say(523)
    time.sleep(4)
    assert call.bye() == 200

    mail, samples, is_mpeg = mail_with_audio(w, bob, mails + 1)
    assert is_mpeg, "the attachment is no mp3"
    assert 3.2 <= audio.seconds_of(samples, 523) <= 4.6, f"{audio.seconds_of(samples, 523)} s of the tone in the mail"
    assert len(w.stack.mails(bob.email)) == mails + 1
    assert "Alice" in str(mail["Subject"]) + str(mail.get_body(("plain", "html")).get_content()), "who called is not said"

    listed = [m for m in w.acme.messages(bob) if m["media_id"] not in known]
    assert len(listed) == 1, listed
    m = listed[0]
    assert m["folder"] == "new" and m["caller_id_number"] == "201" and m["caller_id_name"] == "Alice Archer", m
    assert 3200 <= m["length"] <= 5000, m
    raw = w.stack.api.audio(f"{w.acme.at}/vmboxes/{bob.box}/messages/{m['media_id']}/raw")
    samples, _ = mp3.decode(raw)
    assert audio.seconds_of(samples, 523) >= 3.2
    assert w.bob.wait_lamp(lamp + 1)["waiting"] is True
    rows = w.acme.wait_cdr(call)
    assert len(rows) == 1 and rows[0]["answer_ms"], rows


def lamp_after_registering_again(w):
    """Lesson 24: a phone that registers again is told about its messages."""
    before, count = w.bob.lamps, w.stack.sql("SELECT COUNT(*) AS n FROM vm_message WHERE vmbox_id=%s AND folder='new'",
                                             w.acme.bob.box)[0]["n"]
    assert count > 0
    assert w.bob.register() == 200
    wait_for("a NOTIFY after the REGISTER", lambda: w.bob.lamps > before, 5)
    w.bob.wait_lamp(count)


def listened_messages_put_the_lamp_out(w):
    """Moving the messages to "saved" through the API darkens the lamp."""
    ids = [m["media_id"] for m in w.acme.messages(w.acme.bob) if m["folder"] == "new"]
    w.stack.api.post(f"{w.acme.at}/vmboxes/{w.acme.bob.box}/messages", {"folder": "saved", "messages": ids})
    assert w.bob.wait_lamp(0)["waiting"] is False
    w.stack.api.raw("DELETE", f"{w.acme.at}/vmboxes/{w.acme.bob.box}/messages", {"messages": ids})
    assert not [m for m in w.acme.messages(w.acme.bob) if m["media_id"] in ids]


def user_without_a_phone_goes_straight_to_voicemail(w):
    """Nobody's phone can ring, so nobody waits for it; a hang-up in the greeting leaves no message."""
    carol = w.acme.carol
    before = len(w.acme.messages(carol))
    call = w.alice.call("203")
    call.wait_up(8)
    assert call.answered_at - call.started < 3
    time.sleep(1)
    call.bye()
    time.sleep(1.5)
    assert len(w.acme.messages(carol)) == before, "a message was made of nothing"


def key_skips_the_greeting(w):
    """# goes to the beep at once."""
    call = w.alice.call("203")
    call.say(None)
    call.wait_up(8)
    time.sleep(0.5)
    began = time.monotonic()
    call.digits("#")
    wait_beep(call, 4)
    assert time.monotonic() - began < 3.5
    call.bye()


def complete_to_the_last_second(w):
    """Lesson 20: the message has the whole 12 seconds, though there is a pause in the middle."""
    bob = w.acme.bob
    mails = len(w.stack.mails(bob.email))
    w.bob.policy = 486
    call = w.alice.call("202")
    call.say(None)
    call.wait_up(15)
    wait_beep(call)
    time.sleep(0.4)
    for freq, seconds in ((500, 5), (None, 2), (900, 5)):
        call.say(freq)
        time.sleep(seconds)
    call.bye()
    _, samples, _ = mail_with_audio(w, bob, mails + 1)
    first, last = audio.seconds_of(samples, 500), audio.seconds_of(samples, 900)
    assert 4.3 <= first <= 5.3 and 4.3 <= last <= 5.3, (first, last)
    assert 11 <= len(samples) / 16000 <= 14, len(samples) / 16000


def as_many_messages_as_were_left(w):
    """Lesson 17: eight callers at once, two of them busy on both workers; eight messages are stored and mailed."""
    carol = w.acme.carol
    before, mails = len(w.acme.messages(carol)), len(w.stack.mails(carol.email))
    calls = []
    for n in range(8):
        call = w.alice.call("203")
        call.say(None)
        calls.append(call)
    for call in calls:
        call.wait_up(10)
    for call in calls:
        call.digits("#")
    time.sleep(1.2)
    for n, call in enumerate(calls):
        call.say(500 + 100 * n)
    time.sleep(3)
    for call in calls:
        call.bye()
    messages = wait_for("8 messages", lambda: (lambda m: m if len(m) >= before + 8 else None)(w.acme.messages(carol)), 25)
    assert len(messages) == before + 8
    wait_for("8 mails", lambda: len(w.stack.mails(carol.email)) == mails + 8, 20)
    tones = set()
    for mail in w.stack.mails(carol.email)[mails:]:
        part = next(p for p in mail.walk() if p.get_content_maintype() == "audio")
        samples, _ = mp3.decode(part.get_payload(decode=True))
        tones.add(max(range(8), key=lambda n: audio.seconds_of(samples, 500 + 100 * n)))
    assert tones == set(range(8)), f"not everybody's tone is there: {tones}"


TESTS = [nobody_answers_so_a_message_is_left, lamp_after_registering_again, listened_messages_put_the_lamp_out,
         user_without_a_phone_goes_straight_to_voicemail, key_skips_the_greeting, complete_to_the_last_second,
         as_many_messages_as_were_left]
