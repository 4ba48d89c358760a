"""Call recording: by a user's, an account's and a callflow's wish; whole, with both parties, whatever dies meanwhile.
SPDX-License-Identifier: GPL-2.0-or-later"""
import re
import time

import audio
import mp3
from stack import wait_for


def recordings(w, at=None):
    return w.stack.api.get(f"{at or w.acme.at}/recordings?paginate=false")


def wait_recording(w, known, timeout=25):
    """The one recording that is not known yet; complains about a second one."""
    ids = {r["id"] for r in known}
    found = wait_for("a recording", lambda: [r for r in recordings(w) if r["id"] not in ids], timeout)
    time.sleep(0.7)
    found = [r for r in recordings(w) if r["id"] not in ids]
    assert len(found) == 1, found
    return found[0]


def hear(w, recording):
    """(caller's samples, callee's samples, is mpeg)"""
    data = w.stack.api.audio(f"{w.acme.at}/recordings/{recording['id']}")
    left, is_mpeg = mp3.decode(data, 0)
    right, _ = mp3.decode(data, 1)
    return left, right, is_mpeg


def talk(w, target="202", seconds=3.0, during=lambda call: None):
    """Alice calls, her phone says 440 Hz, Bob's 660 Hz."""
    call = w.alice.call(target)
    ringing = w.bob.wait_call().ring()
    call.expect(180)
    ringing.answer()
    call.wait_up().hears(660, 0.4)
    end = time.monotonic() + seconds
    during(call)
    time.sleep(max(0, end - time.monotonic()))
    call.bye()
    return call


def recorder(w, call, timeout=5):
    """The worker that records this call, by its log."""
    def look():
        for n in range(w.stack.workers):
            found = [line for line in w.stack.log(f"media{n}").splitlines() if "legs of " + call.call_id in line]
            if found:
                return f"media{n}", found[-1]
        return None
    return wait_for("a worker that records", look, timeout)


def by_the_users_setting(w):
    """Bob's calls from inside are recorded as wav: both parties, each on its side; the API lists and plays it."""
    bob = w.acme.bob
    w.stack.api.patch(f"{w.acme.at}/users/{bob.id}",
                      {"call_recording": {"inbound": {"onnet": {"enabled": True, "format": "wav"}}}})
    w.acme.in_force()
    try:
        known = recordings(w)
        call = talk(w)
        r = wait_recording(w, known)
        assert r["media_type"] == "wav" and r["owner_id"] == bob.id and r["direction"] == "inbound", r
        assert r["origin"] == "inbound from onnet to endpoint", r
        assert r["caller_id_number"] == "201" and r["call_id"] == call.call_id, r
        assert 2500 <= r["duration_ms"] <= 7000 and r["duration"] in (3, 4, 5, 6, 7), r
        left, right, is_mpeg = hear(w, r)
        assert not is_mpeg
        assert audio.seconds_of(left, 440) >= 2.4, audio.seconds_of(left, 440)
        assert audio.seconds_of(right, 660) >= 2.4, audio.seconds_of(right, 660)
        assert audio.seconds_of(left, 660) < 0.3 and audio.seconds_of(right, 440) < 0.3, "the sides are mixed up"
        assert [x["id"] for x in w.stack.api.get(f"{w.acme.at}/users/{bob.id}/recordings")] == [r["id"]]
        assert w.stack.api.get(f"{w.acme.at}/users/{w.acme.alice.id}/recordings") == []
        one = w.stack.api.get(f"{w.acme.at}/recordings/{r['id']}")
        assert one["cdr_id"] and one["name"].endswith(".wav"), one
        assert recordings(w, w.other.at) == []
        w.stack.api.delete(f"{w.acme.at}/recordings/{r['id']}")
        assert r["id"] not in {x["id"] for x in recordings(w)}
        assert not w.stack.sql("SELECT 1 FROM recording WHERE id = %s", r["id"])
    finally:
        w.stack.api.patch(f"{w.acme.at}/users/{bob.id}", {"call_recording": None})
        w.acme.in_force()


def by_the_accounts_setting_also_with_hold(w):
    """A call to the outside, with a pause by hold in the middle: mp3, up to the last second, at its time."""
    w.stack.api.patch(w.acme.at, {"call_recording": {"account": {"outbound": {"offnet": {"enabled": True}}}}})
    w.acme.in_force()
    try:
        known = recordings(w)
        call = w.alice.call("+353861234567")
        far = wait_for("the carrier's call", lambda: next((c.incoming.get_nowait() for c in w.carriers
                                                           if not c.incoming.empty()), None), 8)
        far.answer(880)
        call.wait_up().hears(880, 0.5)
        time.sleep(1.5)
        call.hold()
        time.sleep(3)
        call.resume()
        call.say(520)
        time.sleep(2)
        call.bye()
        r = wait_recording(w, known)
        assert r["media_type"] == "mp3" and r["origin"] == "outbound to offnet to account", r
        left, right, is_mpeg = hear(w, r)
        assert is_mpeg
        assert audio.seconds_of(left, 440) >= 1.2 and audio.seconds_of(left, 520) >= 1.2
        assert audio.seconds_of(right, 880) >= 3
        assert 6.5 <= len(left) / 16000 <= 10, len(left) / 16000
    finally:
        w.stack.api.patch(w.acme.at, {"call_recording": None})
        w.acme.in_force()


def by_the_callflow(w):
    """Node record_call, with a limit of five seconds."""
    flow = w.acme.callflow(["310"], {"module": "record_call", "data": {"action": "start", "time_limit": 5},
                                     "children": {"_": {"module": "user", "data": {"id": w.acme.bob.id},
                                                        "children": {}}}})
    w.acme.in_force()
    known = recordings(w)
    talk(w, "310", 6.5)
    r = wait_recording(w, known)
    assert r["origin"] == "callflow" and 4900 <= r["duration_ms"] <= 5100, r
    left, right, _ = hear(w, r)
    assert audio.seconds_of(left, 440) >= 3.5 and audio.seconds_of(right, 660) >= 3.5
    talk(w, "202", 1)
    time.sleep(2)
    assert len(recordings(w)) == len(known) + 1, "a call was recorded that nobody wanted recorded"
    w.stack.api.delete(f"{w.acme.at}/callflows/{flow}")


def recorder_killed_in_the_call(w):
    """kill -9 of the recording worker: the call goes on, another takes over, and it is one recording with both parts."""
    flow = w.acme.callflow(["311"], {"module": "record_call", "data": {"action": "start"},
                                     "children": {"_": {"module": "user", "data": {"id": w.acme.bob.id},
                                                        "children": {}}}})
    w.acme.in_force()
    known = recordings(w)

    def kill(call):
        part, _ = recorder(w, call)
        time.sleep(2)
        w.stack.ctl("crash", part)
        call.hears(660, 1.0)
        time.sleep(2)
        call.say(520)
        time.sleep(2)

    talk(w, "311", 8, kill)
    r = wait_recording(w, known)
    left, right, _ = hear(w, r)
    before, after, other = (audio.seconds_of(left, 440), audio.seconds_of(left, 520), audio.seconds_of(right, 660))
    assert before >= 2 and after >= 1.7, f"first part {before:.1f} s, second {after:.1f} s"
    assert other >= r["duration_ms"] / 1000 - 3.5, f"{other:.1f} of {r['duration_ms'] / 1000:.1f} s"
    w.stack.api.delete(f"{w.acme.at}/callflows/{flow}")
    logs = w.stack.log("media0") + w.stack.log("media1")
    assert re.search(rf"record {r['id']}: taken over", logs)


def what_waits_is_shown(w):
    """While the storage is away a recording waits; metrics and centrexctl status say so, and then that it is done."""
    import os
    import subprocess
    import urllib.request
    from stack import TOP

    def metric(name):
        with urllib.request.urlopen(f"http://{w.stack.ip}:5060/metrics", timeout=5) as reply:
            text = reply.read().decode()
        return int(re.search(rf"centrex_{name}(?:{{[^}}]*}})? (\d+)", text).group(1))

    def status():
        done = subprocess.run([os.path.join(TOP, "build/out/centrexctl"), "-f", f"{w.stack.dir}/etc/centrex.cfg", "status"],
                              capture_output=True, text=True, timeout=30)
        assert re.search(r"recorder +OK +[1-9]\d* calls to record since the start, 0 lost", done.stdout), done.stdout
        return re.search(r"recordings +(\w+) +(\d+) in the spool, (\d+) failed", done.stdout).groups()

    flow = w.acme.callflow(["312"], {"module": "record_call", "data": {"action": "start"},
                                     "children": {"_": {"module": "user", "data": {"id": w.acme.bob.id},
                                                        "children": {}}}})
    w.acme.in_force()
    known, asked = recordings(w), metric("records_asked")
    storage = os.path.join(w.stack.dir, "storage")
    os.rename(storage, storage + ".away")
    try:
        talk(w, "312", 2)
        wait_for("the backlog in the metrics", lambda: metric("spool_backlog") >= 1, 15)
        wait_for("a try to store it", lambda: any("storage: No such file" in w.stack.log(f"media{n}")
                                                  for n in range(w.stack.workers)), 15)
        assert status()[1:] == ("1", "0"), status()
        assert len(recordings(w)) == len(known)
    finally:
        os.rename(storage + ".away", storage)
    wait_recording(w, known, 40)
    assert status() == ("OK", "0", "0"), status()
    assert metric("records_asked") == asked + 1 and metric("records_lost") == 0
    w.stack.api.delete(f"{w.acme.at}/callflows/{flow}")


TESTS = [by_the_users_setting, by_the_accounts_setting_also_with_hold, by_the_callflow, recorder_killed_in_the_call,
         what_waits_is_shown]
