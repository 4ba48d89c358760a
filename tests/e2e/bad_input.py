"""Malformed and hostile SIP: a clear answer or silence, nothing crashes, calls go on, memory does not grow.
SPDX-License-Identifier: GPL-2.0-or-later"""
import re
import time

import sip
from phone import Phone
from stack import wait_for


def sender(w):
    return Phone(w.stack.address(), w.stack.server, "evil", w.acme.realm, "x", name="evil")


def request(phone, method="INVITE", uri=None, body="", drop=(), **other):
    """The bytes of a request in which headers may be replaced or left out."""
    uri = uri or f"sip:201@{phone.realm}"
    headers = {"Via": phone.via(), "Max-Forwards": "70", "From": f"<sip:evil@{phone.realm}>;tag={sip.token(3)}",
               "To": f"<sip:201@{phone.realm}>", "Call-ID": sip.token(), "CSeq": f"1 {method}", "Contact": phone.contact()}
    headers.update({k.replace("_", "-"): v for k, v in other.items()})
    lines = [f"{method} {uri} SIP/2.0"] + [f"{k}: {v}" for k, v in headers.items() if k not in drop]
    if "Content-Length" not in headers and "Content-Length" not in drop:
        lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def alive(w):
    """Still takes registrations and calls; no part has died or been restarted."""
    assert w.alice.register() == 200
    call = w.alice.call("202")
    ringing = w.bob.wait_call().ring()
    call.expect(180)
    ringing.answer()
    call.wait_up().hears(660, 0.4)
    call.bye()


def parts(w):
    return {p: w.stack.pid(p) for p in ("kamailio", "media0", "media1", "rtpengine", "api", "mysqld")}


def malformed_sip_is_answered_or_ignored(w):
    """Broken requests to Kamailio: 4xx or nothing, never a crash, never a call."""
    before = parts(w)
    evil = sender(w)
    try:
        cases = {
            "no From": request(evil, drop=("From",)), "no To": request(evil, drop=("To",)),
            "no Call-ID": request(evil, drop=("Call-ID",)), "no CSeq": request(evil, drop=("CSeq",)),
            "no Via": request(evil, drop=("Via",)),
            "CSeq of another method": request(evil, CSeq="1 REGISTER"),
            "CSeq too large": request(evil, CSeq="99999999999999999999 INVITE"),
            "length beyond the packet": request(evil, Content_Length="5000", body="v=0\r\n"),
            "negative length": request(evil, Content_Length="-7"),
            "huge header": request(evil, Subject="A" * 30000), "huge URI": request(evil, uri="sip:" + "9" * 20000 + "@x"),
            "binary": bytes(range(256)) * 20, "no URI": b"INVITE SIP/2.0\r\n\r\n", "half a line": b"INVITE sip:2",
            "only returns": b"\r\n\r\n\r\n\r\n", "NUL in a header": request(evil, Subject="a\0b"),
            "bad URI": request(evil, uri="sip:@@@:99999999"), "bad version": request(evil).replace(b"SIP/2.0\r\n", b"SIP/9.9\r\n", 1),
            "out of hops": request(evil, Max_Forwards="0"), "no number of hops": request(evil, Max_Forwards="many"),
            "response of nobody": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bKx\r\nCSeq: 1 INVITE\r\n\r\n",
            "folded for ever": b"INVITE sip:201@x SIP/2.0\r\nVia: a\r\n" + b" x\r\n" * 5000,
            "digest full of quotes": request(evil, "REGISTER", Authorization='Digest username="""""", realm=,nonce'),
            "unclosed <": request(evil, From="<sip:evil@x;tag=1", Contact="<<<<>>>"),
        }
        for name, data in cases.items():
            reply = evil.raw(data, 0.25)
            assert reply is None or reply.code >= 400, f"{name}: answered {reply.start}"
        reply = evil.raw(request(evil, Max_Forwards="0"), 2)
        assert reply is not None and reply.code == 483, reply
        reply = evil.raw(request(evil, "FROBNICATE"), 2)
        assert reply is not None and reply.code in (405, 501), reply
    finally:
        evil.close()
    alive(w)
    assert parts(w) == before, "a part died"


def malformed_sdp_to_phones_and_workers(w):
    """Calls with broken SDP, to a phone and to voicemail: an error or a call without sound, never a dead part."""
    before = parts(w)
    bodies = ["v=0\r\n", "garbage", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 999.1.1.1\r\nt=0 0\r\nm=audio 99999 RTP/AVP 0\r\n",
              "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 0 RTP/AVP\r\n",
              "v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\nm=video 4000 RTP/AVP 96\r\n",
              "v=0\r\n" + "a=x\r\n" * 3000, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
              + "m=audio 4000 RTP/AVP " + " ".join(str(i % 128) for i in range(400)) + "\r\n"]
    w.bob.policy = 486
    for body in bodies:
        for target in ("202", "203"):
            call = w.alice.call(target, body=body)
            end = time.monotonic() + 6
            while call.code is None and time.monotonic() < end:
                time.sleep(0.05)
            if call.code == 200:
                call.bye()
            elif call.code is None:
                call.cancel()
    w.bob.policy = "ask"
    while not w.bob.incoming.empty():
        w.bob.incoming.get()
    alive(w)
    assert parts(w) == before, "a part died"


def workers_listen_to_the_proxy_only(w):
    """An INVITE straight to a worker, from an address that is not Kamailio's, gets no voicemail."""
    before = parts(w)
    evil = sender(w)
    evil.server = (w.stack.ip, 5070)
    try:
        sdp = sip.sdp_offer(evil.ip, 20000)
        data = request(evil, uri=f"sip:voicemail@{w.stack.ip}:5070", body=sdp, Content_Type="application/sdp",
                       X_Centrex_Account=w.acme.id, X_Centrex_Call="0" * 32,
                       X_Centrex_Service=f"voicemail;action=compose;box={w.acme.bob.box};mailbox=202")
        reply = evil.raw(data, 1.5)
        assert reply is None or reply.code in (403, 404, 405), reply
        for junk in (b"\0" * 500, b"INVITE\r\n\r\n", data[:100], data.replace(b"compose", b"%%%%%%%"), b"\r\n" * 2000):
            evil.raw(junk, 0.1)
    finally:
        evil.close()
    assert parts(w) == before, "a worker died"


def rtp_garbage_in_a_recording(w):
    """Noise on the worker's and rtpengine's ports during a message: the message is still made."""
    call = w.alice.call("203")
    call.say(None)
    call.wait_up(10)
    sock = call.audio.rtp
    for data in (b"", b"\x80", b"\x80\x65" + b"\0" * 10, b"\x80\x65" + b"\xff" * 14, b"\xff" * 1400,
                 b"\x9f\x00" + b"\0" * 10, b"\x80\x00" + b"\0" * 10 + b"x" * 4000):
        for _ in range(5):
            sock.sendto(data, call.audio.remote)
    time.sleep(0.3)
    call.bye()
    alive(w)


def our_headers_from_outside_change_nothing(w):
    """X-Centrex-* sent by a phone are dropped: the call is still alice's, and goes to bob."""
    call = w.alice.call("202", headers=[("X-Centrex-Account", w.other.id), ("X-Centrex-Cursor", "AAAA"),
                                        ("X-Centrex-Service", "voicemail;action=compose;box=1")])
    ringing = w.bob.wait_call().ring()
    assert ringing.caller[1] == "201"
    assert not [n for n, _ in ringing.invite.headers if n.lower().startswith("x-centrex")], "our headers reach a phone"
    call.expect(180)
    call.cancel()
    call.final(5)


def injected_headers_stay_text(w):
    """A name with line breaks and SQL in it arrives as text or is refused, in SIP and in the database."""
    call = w.alice.call("202", name="Robert'); DROP TABLE cdr;--")
    w.bob.wait_call().ring()
    call.expect(180)
    call.cancel()
    call.final(5)
    w.acme.wait_cdr(call)
    assert w.stack.sql("SELECT COUNT(*) AS n FROM cdr")[0]["n"] > 0


def memory_does_not_grow_with_malformed_registers(w):
    """Lesson 16: thousands of broken and refused REGISTERs leave shared memory where it was."""
    evil = sender(w)

    def used():
        return int(w.stack.rpc("core.shmmem")["used"])
    try:
        def round_of(n):
            for i in range(n):
                data = request(evil, "REGISTER", uri=f"sip:{w.acme.realm}", Contact="<sip:a@1.2.3.4:%d>;expires=zzz" % i,
                               Authorization=f'Digest username="u{i}", realm="{w.acme.realm}", nonce="{sip.token()}", '
                                             f'uri="sip:x", response="{"0" * 32}"' if i % 2 else "Digest broken,,,=")
                evil.sock.sendto(data, evil.server)
                if i % 50 == 49:
                    time.sleep(0.05)
            time.sleep(0.5)
        round_of(500)
        before = used()
        round_of(3000)
        wait_for("memory to settle", lambda: used() - before < 150000, 15)
    finally:
        evil.close()
    alive(w)


def a_scanner_is_not_listened_to(w):
    """After twenty wrong passwords an address gets no answer; others still do."""
    evil = sender(w)
    try:
        codes = []
        for _ in range(24):
            try:
                codes.append(evil.register(timeout=1.0))
            except AssertionError:
                codes.append(None)
                break
        assert codes[0] == 403 and codes[-1] is None, codes
    finally:
        evil.close()
    alive(w)


def metrics_are_there(w):
    """Prometheus text on Kamailio's TCP port, with our counters."""
    import urllib.request
    with urllib.request.urlopen(f"http://{w.stack.ip}:5060/metrics", timeout=5) as reply:
        text = reply.read().decode()
    assert re.search(r"centrex\w*calls_routed\S* \d", text), text[:300]


TESTS = [malformed_sip_is_answered_or_ignored, malformed_sdp_to_phones_and_workers, workers_listen_to_the_proxy_only,
         rtp_garbage_in_a_recording, our_headers_from_outside_change_nothing, injected_headers_stay_text,
         memory_does_not_grow_with_malformed_registers, a_scanner_is_not_listened_to, metrics_are_there]
