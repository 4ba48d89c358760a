"""Parts die, freeze and come back; nothing that was accepted may be lost, or appear twice.
SPDX-License-Identifier: GPL-2.0-or-later"""
import os
import signal
import subprocess
import time

import audio
import mp3
import soak_rounds
from stack import TOP, wait_for
from voicemail import leave_message


def worker_of(call):
    """The worker that has answered: its SIP port stands in its Contact."""
    return "media" + str(int(call.target.rsplit(":", 1)[1].split(";")[0].rstrip(">")) - 5070)


def arrives_once(w, user, before, mails, timeout=40):
    """One more message and one more mail, and no second one a little later; returns the mail's samples."""
    wait_for("the message", lambda: len(w.acme.messages(user)) > before, timeout)
    wait_for("the mail", lambda: len(w.stack.mails(user.email)) > mails, timeout)
    time.sleep(3)
    assert len(w.acme.messages(user)) == before + 1, "the message is there twice"
    found = w.stack.mails(user.email)
    assert len(found) == mails + 1, f"{len(found) - mails} mails of one message"
    part = next(p for p in found[-1].walk() if p.get_content_maintype() == "audio")
    return mp3.decode(part.get_payload(decode=True))[0]


def counts(w, user):
    return len(w.acme.messages(user)), len(w.stack.mails(user.email))


def talk(w):
    """A call between two phones, with sound."""
    call = w.alice.call("202")
    ringing = w.bob.wait_call().ring()
    call.expect(180)
    ringing.answer()
    call.wait_up().hears(660, 0.4)
    ringing.hears(440, 0.4)
    call.bye()
    return call


def worker_killed_in_the_middle_of_a_recording(w):
    """kill -9 after 5 seconds of tone: the message comes all the same, complete up to the last second, once."""
    w.bob.policy = 486
    bob = w.acme.bob
    before, mails = counts(w, bob)
    call = leave_message(w, w.alice, "202", 620, 5, hang_up=False)
    w.stack.ctl("crash", worker_of(call))
    try:
        call.bye(2)
    except AssertionError:
        pass  # nobody is left to answer it
    samples = arrives_once(w, bob, before, mails)
    got = audio.seconds_of(samples, 620)
    assert got >= 3.9, f"only {got:.1f} of 5 s were kept"


def worker_killed_while_idle(w):
    """The next call goes to another worker."""
    for part in ("media0", "media1"):
        w.stack.ctl("kill", part)
        try:
            for _ in range(2):
                call = w.alice.call("203")
                call.wait_up(8)
                assert worker_of(call) != part
                call.bye()
        finally:
            w.stack.ctl("start", part)
            w.stack.up(part)
            time.sleep(3)  # two pings: it is used again


def worker_told_to_stop_lets_its_call_end(w):
    """SIGTERM: the running recording is finished, new calls go elsewhere."""
    bob = w.acme.bob
    w.bob.policy = 486
    before, mails = counts(w, bob)
    call = leave_message(w, w.alice, "202", 620, 1, hang_up=False)
    part = worker_of(call)
    open(os.path.join(w.stack.dir, "pid", part + ".stopped"), "w").close()
    os.kill(w.stack.pid(part), signal.SIGTERM)
    try:
        time.sleep(0.5)
        second = w.alice.call("203")
        second.wait_up(8)
        assert worker_of(second) != part, "a draining worker took a new call"
        second.bye()
        time.sleep(1.5)
        assert call.state == "up", "the running call was cut"
        call.bye()
        samples = arrives_once(w, bob, before, mails)
        assert audio.seconds_of(samples, 620) >= 2.5
        wait_for("the worker to be gone", lambda: not os.path.exists(os.path.join(w.stack.dir, "pid", part + ".pid")), 15)
    finally:
        w.stack.ctl("start", part)
        w.stack.up(part)


def database_stopped(w):
    """Phones go on calling and can re-register, voicemail can be left; afterwards nothing is lost or there twice."""
    bob = w.acme.bob
    before, mails = counts(w, bob)
    w.stack.ctl("stop", "mysqld")
    try:
        assert w.alice.register() == 200 and w.bob.register() == 200
        call = talk(w)
        w.bob.policy = 486
        message = leave_message(w, w.alice, "202", 700, 3)
        w.bob.policy = "ask"
        time.sleep(1)
    finally:
        w.stack.ctl("start", "mysqld")
        w.stack.up("mysqld")
    samples = arrives_once(w, bob, before, mails)
    assert audio.seconds_of(samples, 700) >= 2.4
    for c in (call, message):
        rows = wait_for("the record", lambda c=c: w.acme.cdrs(c.call_id), 20)
        assert len(rows) == 1, rows
    w.stack.api.patch(f"{w.acme.at}/users/{w.acme.alice.id}", {"timeout": 4})
    w.acme.in_force()


def kamailio_restarted_without_database(w):
    """It serves from the images on disk, and the phones need not register again."""
    w.stack.ctl("stop", "mysqld")
    try:
        w.stack.ctl("stop", "kamailio")
        w.stack.ctl("start", "kamailio")
        w.stack.up("kamailio")
        stats = w.stack.rpc("centrex.stats")
        assert stats["database"] == "down" and int(stats["accounts"]) >= 2, stats
        call = talk(w)
        assert w.alice.register() == 200 and w.bob.register() == 200
        w.bob.policy = 486
        again = w.alice.call("203")
        again.wait_up(8)
        again.bye()
        assert w.bystander.phones[0].register() == 200
    finally:
        w.stack.ctl("start", "mysqld")
        w.stack.up("mysqld")
    rows = wait_for("the record", lambda: w.acme.cdrs(call.call_id), 20)
    assert len(rows) == 1
    wait_for("the loader to have the database again", lambda: w.stack.rpc("centrex.stats")["database"] == "up", 15)
    w.acme.in_force()
    w.bystander.remember()


def kamailio_killed(w):
    """kill -9 of all its processes; back at once, with registrations, and records of finished calls."""
    call = talk(w)
    w.stack.ctl("crash", "kamailio")
    w.stack.up("kamailio")
    rows = wait_for("the record", lambda: w.acme.cdrs(call.call_id), 20)
    assert len(rows) == 1
    w.alice.register()
    w.bob.register()
    for p in w.bystander.phones:
        p.register()
    talk(w)
    w.bystander.remember()


def lamp_after_a_restart(w):
    """Lesson 24: after Kamailio's restart and the next REGISTER the lamp is right."""
    new = w.stack.sql("SELECT COUNT(*) AS n FROM vm_message WHERE vmbox_id = %s AND folder = 'new'", w.acme.bob.box)[0]["n"]
    assert new > 0
    w.stack.ctl("crash", "kamailio")
    w.stack.up("kamailio")
    seen = w.bob.lamps
    assert w.bob.register() == 200
    wait_for("a NOTIFY", lambda: w.bob.lamps > seen, 8)
    assert w.bob.wait_lamp(new)["waiting"] is True
    for p in [w.alice, *w.bystander.phones]:
        p.register()
    time.sleep(0.5)
    w.bystander.remember()


BROKEN = {
    "module nobody knows": '{"module": "no_such_module", "data": {}, "children": {}}',
    "an array": '[1, 2, 3]', "a number": "17", "children of a string": '{"module": "user", "data": {}, "children": "x"}',
    "id of wrong kind": '{"module": "user", "data": {"id": 5}, "children": {}}',
    "too deep": '{"module":"callflow","data":{},"children":{"_":' * 300 + "{}" + "}}" * 300,
}


def row_broken_by_hand(w):
    """A flow that cannot be: the account keeps its last good image, log and stats say why, others are untouched."""
    flow = w.acme.bob.flow
    good = w.stack.sql("SELECT flow FROM callflow WHERE id = %s", flow)[0]["flow"]
    for what, broken in BROKEN.items():
        log = len(w.stack.log("kamailio"))
        w.stack.sql("UPDATE callflow SET flow = %s WHERE id = %s", broken, flow)
        w.stack.changed(w.acme.id, "callflow", flow)
        try:
            w.stack.in_force()

            def refused():
                return [r for r in w.stack.rpc("centrex.stats").get("refused_accounts") or [] if r["account"] == w.acme.id]
            why = wait_for(f"{what}: refusal in centrex.stats", refused, 5)[0]["why"]
            assert len(why) > 5, why
            assert w.acme.id in w.stack.log("kamailio")[log:], f"{what}: the log does not name the account"
            talk(w)  # the last good image
            w.stack.api.patch(f"{w.other.at}/users/{w.other.alice.id}", {"timeout": 9})  # others go on changing
            w.stack.in_force()
            assert not w.stack.rpc("centrex.account", w.other.id).get("refused")
        finally:
            w.stack.sql("UPDATE callflow SET flow = %s WHERE id = %s", good, flow)
            w.stack.changed(w.acme.id, "callflow", flow)
            w.stack.in_force()
    wait_for("the repaired account", lambda: not w.stack.rpc("centrex.account", w.acme.id).get("refused"), 5)
    talk(w)


def rtpengine_frozen(w):
    """Lesson 13: a silent rtpengine does not hold up registrations or the proxy; afterwards calls have sound."""
    pid = w.stack.pid("rtpengine")
    os.kill(pid, signal.SIGSTOP)
    try:
        call = w.alice.call("202")
        began = time.monotonic()
        assert w.bob.register(timeout=4) == 200
        assert time.monotonic() - began < 3, f"REGISTER took {time.monotonic() - began:.1f} s"
    finally:
        os.kill(pid, signal.SIGCONT)
    time.sleep(0.5)
    call.cancel()
    call.final(8)
    while not w.bob.quiet():
        w.bob.incoming.get()

    def works():
        try:
            talk(w)
            return True
        except AssertionError:
            return False
    wait_for("a call with sound", works, 30, 1)


def rtpengine_killed(w):
    """A new call has sound again as soon as it is back."""
    w.stack.ctl("crash", "rtpengine")
    w.stack.up("rtpengine")
    time.sleep(0.5)
    talk(w)


def storage_gone_for_a_while(w):
    """Lessons 18 and 19: the audio store cannot be written; the message waits in the spool and arrives, once."""
    bob = w.acme.bob
    before, mails = counts(w, bob)
    store = os.path.join(w.stack.dir, "storage")
    os.rename(store, store + ".away")
    open(store, "w").close()  # root may write everywhere, but not below a file
    try:
        w.bob.policy = 486
        leave_message(w, w.alice, "202", 640, 3)
        time.sleep(3)
        talk_only = w.alice.call("203")  # the workers are not stuck
        talk_only.wait_up(8)
        talk_only.bye()
    finally:
        os.unlink(store)
        os.rename(store + ".away", store)
    samples = arrives_once(w, bob, before, mails, 60)
    assert audio.seconds_of(samples, 640) >= 2.4


def mail_server_down(w):
    """The message is in the box at once; the mail comes when the server is back, once."""
    bob = w.acme.bob
    before, mails = counts(w, bob)
    w.stack.ctl("stop", "sink")
    try:
        w.bob.policy = 486
        leave_message(w, w.alice, "202", 640, 3)
        wait_for("the message in the box", lambda: len(w.acme.messages(bob)) == before + 1, 20)
        time.sleep(2)
    finally:
        w.stack.ctl("start", "sink")
        w.stack.up("sink")
    arrives_once(w, bob, before, mails, 60)


def supervisor_stops_and_starts(w):
    """No second one in the same folder; SIGTERM ends everything in seconds, without orphans; data stays."""
    second = subprocess.run([os.path.join(TOP, "cfg/run"), "--dir", w.stack.dir, "--ip", w.stack.ip],
                            capture_output=True, text=True, timeout=10)
    assert second.returncode != 0 and "another one runs" in second.stderr, second
    pids = {p: w.stack.pid(p) for p in ("mysqld", "kamailio", "rtpengine", "media0", "media1", "api", "nginx", "sink")}
    took = w.stack.stop()
    assert took < 15, f"it took {took:.0f} s to stop"
    left = subprocess.run(["pgrep", "-f", w.stack.dir + "/"], capture_output=True, text=True).stdout.split()
    assert not left, f"orphans: {left}"
    assert not [p for p, pid in pids.items() if os.path.exists(f"/proc/{pid}")]
    messages = len(os.listdir(os.path.join(w.stack.dir, "mail", "new")))
    w.stack.start()
    assert len(os.listdir(os.path.join(w.stack.dir, "mail", "new"))) == messages
    w.stack.in_force()
    assert w.alice.register() == 200 and w.bob.register() == 200
    for p in w.bystander.phones:
        p.register()
    talk(w)
    time.sleep(0.5)
    w.bystander.remember()


def workers_die_at_random_moments(w):
    """Three deaths during deposits and a recorded call; `make soak` has more."""
    soak_rounds.rounds(w, 3)


TESTS = [worker_killed_while_idle, worker_killed_in_the_middle_of_a_recording, worker_told_to_stop_lets_its_call_end,
         database_stopped, row_broken_by_hand, kamailio_restarted_without_database, kamailio_killed, lamp_after_a_restart,
         rtpengine_frozen, rtpengine_killed, storage_gone_for_a_while, mail_server_down, supervisor_stops_and_starts,
         workers_die_at_random_moments]
