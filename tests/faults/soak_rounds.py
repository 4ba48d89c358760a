"""Rounds of deposits and recorded calls in which a worker dies at a random moment; what was said before arrives, once.
Used by tests/faults (a few rounds) and tests/soak (as many deaths as one likes).
SPDX-License-Identifier: GPL-2.0-or-later"""
import random
import threading
import time

import audio
import mp3
from stack import wait_for
from voicemail import wait_beep

LOST_AT_MOST = 1.5    # seconds at the end of what a dead worker was told (one, and the test's own clock)
HANDOVER = 4.0        # seconds of a recording between two workers


class Deposit(threading.Thread):
    """A caller who leaves a message of one tone."""

    def __init__(self, w, freq):
        super().__init__()
        self.w, self.freq, self.said_from, self.said_until, self.worker = w, freq, None, None, None

    def run(self):
        call = self.w.alice.call("203")
        call.say(None)
        try:
            call.wait_up(15)
            self.worker = "media" + str(int(call.target.rsplit(":", 1)[1].split(";")[0].rstrip(">")) - 5070)
            time.sleep(0.4)
            call.digits("#")
            wait_beep(call, 6)
            time.sleep(0.4)
            self.said_from = time.monotonic()
            call.say(self.freq)
            time.sleep(random.uniform(2, 4.5))
            self.said_until = time.monotonic()
            call.bye(2)
        except AssertionError:
            self.said_until = self.said_until or time.monotonic()   # its worker is gone

    def said(self, death):
        """Seconds of the tone that a worker has heard for certain."""
        if not self.said_from:
            return 0
        until = min(self.said_until, death[1]) if self.worker == death[0] else self.said_until
        return until - self.said_from


class Recorded(threading.Thread):
    """A call that is recorded, between two phones."""

    def __init__(self, w, freq):
        super().__init__()
        self.w, self.freq, self.call, self.seconds, self.error = w, freq, None, 0, None

    def run(self):
        try:
            self.call = self.w.alice.call("318")
            self.call.say(self.freq)
            self.w.bob.wait_call().ring().answer()
            self.call.wait_up(10)
            began = time.monotonic()
            time.sleep(random.uniform(4, 7))
            self.call.hears(660, 0.4)   # the call never suffers
            self.call.bye()
            self.seconds = time.monotonic() - began
        except AssertionError as e:
            self.error = e


def prepare(w):
    return w.acme.callflow(["318"], {"module": "record_call", "data": {"action": "start", "format": "wav"},
                                     "children": {"_": {"module": "user", "data": {"id": w.acme.bob.id}, "children": {}}}})


def messages_of(w, freq):
    found = []
    for m in w.acme.messages(w.acme.carol):
        samples, _ = mp3.decode(w.stack.api.audio(
            f"{w.acme.at}/vmboxes/{w.acme.carol.box}/messages/{m['media_id']}/raw"))
        if audio.seconds_of(samples, freq) >= 0.3:
            found.append(audio.seconds_of(samples, freq))
    return found


def spool_is_empty(w):
    import os
    folder = os.path.join(w.stack.dir, "spool")
    return not any(n.endswith((".raw", ".json")) for d, _, names in os.walk(folder) if "failed" not in d for n in names)


def one_round(w, number):
    """One death of one worker at a random moment. What is wrong, as a list."""
    wrong = []
    deposits = [Deposit(w, 500), Deposit(w, 950)]
    recorded = Recorded(w, 1300)
    for t in (*deposits, recorded):
        t.start()
    time.sleep(random.uniform(0.3, 7))
    victim = f"media{random.randrange(w.stack.workers)}"
    w.stack.ctl("crash", victim)
    death = victim, time.monotonic()
    for t in (*deposits, recorded):
        t.join(40)
    try:
        wait_for("an empty spool", lambda: spool_is_empty(w), 40)
    except AssertionError as e:
        wrong.append(str(e))
    for d in deposits:
        found, said = messages_of(w, d.freq), d.said(death)
        if len(found) > 1:
            wrong.append(f"{len(found)} messages of {d.freq} Hz")
        elif not found and said >= LOST_AT_MOST + 0.7:
            wrong.append(f"the message of {d.freq} Hz is lost; {said:.1f} s were said")
        elif found and found[0] < said - LOST_AT_MOST:
            wrong.append(f"{found[0]:.1f} of {said:.1f} s of {d.freq} Hz were kept")
    if recorded.error:
        wrong.append(f"the recorded call suffered: {recorded.error}")
    else:
        rows = w.stack.sql("SELECT id FROM recording WHERE call_id = %s", recorded.call.call_id)
        if len(rows) != 1:
            wrong.append(f"{len(rows)} recordings of one call of {recorded.seconds:.1f} s")
        else:
            samples, _ = mp3.decode(w.stack.api.audio(f"{w.acme.at}/recordings/{rows[0]['id']}"))
            got = audio.seconds_of(samples, 1300)
            if got < recorded.seconds - HANDOVER - LOST_AT_MOST:
                wrong.append(f"{got:.1f} of {recorded.seconds:.1f} s were recorded")
    ids = [m["media_id"] for m in w.acme.messages(w.acme.carol)]
    if ids:
        w.stack.api.raw("DELETE", f"{w.acme.at}/vmboxes/{w.acme.carol.box}/messages", {"messages": ids})
    w.stack.up(victim)
    heard = sum(d.said(death) > 0 for d in deposits)
    print(f"round {number}: {victim} died, {heard} messages begun, a call of {recorded.seconds:.1f} s: "
          f"{'; '.join(wrong) or 'all there, once'}", flush=True)
    return wrong


def rounds(w, count, seed=None):
    seed = random.randrange(1 << 30) if seed is None else seed
    random.seed(seed)
    flow = prepare(w)
    w.acme.in_force()
    wrong = []
    for n in range(1, count + 1):
        w.calm()
        wrong += one_round(w, n)
        time.sleep(2.5)   # the dispatcher finds the worker again
    w.stack.api.delete(f"{w.acme.at}/callflows/{flow}")
    failed = w.stack.dir + "/spool/failed"
    import os
    if os.path.isdir(failed) and os.listdir(failed):
        wrong.append(f"given up: {os.listdir(failed)}")
    assert not wrong, f"seed {seed}: " + "; ".join(wrong)
