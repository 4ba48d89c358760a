"""Phones that are not ours: baresip and SIPp, as users and load testers have them.
SPDX-License-Identifier: GPL-2.0-or-later"""
import os
import subprocess
import tempfile
import time

import audio
from softphone import Softphone
from stack import TOP, wait_for
from voicemail import mail_with_audio

SIPP = os.path.join(TOP, "loadtest/sipp")


def two_of(w, first, extension):
    """A user of the tenant's own for this test: nobody else's phone rings."""
    user = w.acme.user(first, "Baresip", extension)
    w.acme.in_force()
    return user


def two_baresips_hear_each_other(w):
    """Registration with digest, call, RTP both ways through rtpengine, BYE: all by another SIP stack."""
    erin, finn = two_of(w, "Erin", "221"), two_of(w, "Finn", "222")
    with Softphone(w.stack, finn.device, w.acme.realm, answer=True, tone=660) as callee:
        with Softphone(w.stack, erin.device, w.acme.realm, dial="222", tone=440) as caller:
            caller.says("Call established")
            time.sleep(3)
            caller.hang_up()
            callee.says("terminated")
            callee.hang_up()
            assert audio.seconds_of(caller.heard(), 660) > 1.5, "the caller does not hear the callee"
            assert audio.seconds_of(callee.heard(), 440) > 1.5, "the callee does not hear the caller"
    rows = wait_for("the call's record", lambda: [r for r in w.acme.cdrs() if r["callee_id_number"] == "222"], 10)
    assert len(rows) == 1 and rows[0]["hangup_by"] == "caller" and rows[0]["billing_ms"] > 2000, rows


def baresip_leaves_a_message_in_g722(w):
    """Nobody has the callee's phone: voicemail, in wideband from the phone's side, arrives by mail."""
    gwen, hugh = two_of(w, "Gwen", "223"), two_of(w, "Hugh", "224")
    with Softphone(w.stack, gwen.device, w.acme.realm, dial="224", tone=523, codec="g722") as caller:
        caller.says("Call established", 15)
        wait_for("the recording", lambda: any("recording" in line and hugh.box in line for n in (0, 1)
                                              for line in w.stack.log(f"media{n}").splitlines()), 30)
        time.sleep(4)
        caller.hang_up()
        assert audio.seconds_of(caller.heard(), 440) > 0.3, "no beep before the recording"
    _, samples, is_mpeg = mail_with_audio(w, hugh)
    assert is_mpeg and 3 <= audio.seconds_of(samples, 523) <= 6, audio.seconds_of(samples, 523)


def sipp(w, scenario, fields, calls, rate, *more):
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as f:
        f.write("SEQUENTIAL\n" + "".join(line + "\n" for line in fields))
        f.flush()
        done = subprocess.run(["sipp", f"{w.stack.ip}:5060", "-sf", os.path.join(SIPP, scenario), "-inf", f.name, "-i", w.stack.address(),
                               "-m", str(calls), "-r", str(rate), "-nostdin", "-timeout", "30s", "-timeout_error", *more],
                              capture_output=True, text=True, timeout=60, cwd=tempfile.gettempdir())
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-500:]


def sipp_calls_at_a_rate(w):
    """SIPp registers a phone that answers and another that places twenty calls in a few seconds: none fails."""
    iris, jack = two_of(w, "Iris", "225"), two_of(w, "Jack", "226")
    callee = w.acme.phone(jack, policy="answer")
    before = len(w.acme.cdrs())
    try:
        line = f"{iris.device.name};{w.acme.realm};[authentication username={iris.device.name} password={iris.device.password}];226"
        sipp(w, "uac.xml", [line], 20, 8)
        rows = wait_for("twenty records", lambda: (lambda r: r if len(r) >= before + 20 else None)(w.acme.cdrs()), 15)
        assert len(rows) == before + 20 and all(r["sip_code"] == 200 for r in rows[before:]), rows[before:]
    finally:
        callee.close()
        w.acme.phones.remove(callee)


TESTS = [two_baresips_hear_each_other, baresip_leaves_a_message_in_g722, sipp_calls_at_a_rate]
