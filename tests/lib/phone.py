"""A SIP phone (or carrier) for tests: UDP, digest authentication, G.711 tones, DTMF, message lamp.

    alice = Phone("127.64.0.21", server=("127.64.0.1", 5060), user="alice", realm="a.example", password="x")
    alice.register()
    call = alice.call("202"); call.expect(180); call.wait_up(); call.say(440); call.hears(660); call.bye()

Incoming calls: policy "ask" hands them to wait_call() (the test rings, answers, rejects), "ring", "answer",
"dead" (no reply at all) or a code act alone. One thread a phone; replies to retransmissions are repeated.
SPDX-License-Identifier: GPL-2.0-or-later"""
import queue
import re
import socket
import threading
import time

import sip
from call import Call

REASONS = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 404: "Not Found", 480: "Unavailable",
           481: "Gone", 486: "Busy Here", 487: "Request Terminated", 503: "Service Unavailable", 603: "Decline"}


class Phone:
    call_class = Call

    def __init__(self, ip, server, user="", realm="", password=None, port=5060, name=None, policy="ask", freq=None):
        self.ip, self.port, self.server = ip, port, server
        self.user, self.realm, self.password = user, realm, password
        self.name = name or user or ip
        self.policy, self.freq, self.codecs = policy, freq, (0, 8)
        self.calls = {}            # Call-ID -> Call
        self.incoming = queue.Queue()
        self.messages = []         # every message that has come, for "this phone noticed nothing"
        self.lamp = None           # {"waiting": bool, "new": n, "old": n} of the last message-summary
        self.lamps = 0
        self.blf = {}              # user -> state of the last dialog-info
        self.cond = threading.Condition()
        self.registered_until = 0
        self._waiting = {}         # branch -> queue of responses
        self._replied = {}         # branch + method of a request -> our last reply
        self._unacked = {}         # Call-ID -> (bytes, destination, next time, count)
        self._reg = (sip.token(), sip.token(4), 0)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind((ip, port))
        self.port = self.sock.getsockname()[1]
        self.sock.settimeout(0.1)
        self._stop = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    # ---- what tests use

    def register(self, expires=300, timeout=6):
        """Registers (0 unregisters); returns the final code."""
        call_id, tag, cseq = self._reg
        self._reg = (call_id, tag, cseq + 2)
        aor = f"<sip:{self.user}@{self.realm}>"
        request = sip.Message(f"REGISTER sip:{self.realm} SIP/2.0", [
            ("Via", self.via()), ("Max-Forwards", "70"), ("From", f"{aor};tag={tag}"), ("To", aor),
            ("Call-ID", call_id), ("CSeq", f"{cseq + 1} REGISTER"), ("Contact", self.contact()),
            ("Expires", str(expires)), ("User-Agent", "centrex-test")])
        reply = self.exchange(request, self.server, timeout)
        if reply.code in (401, 407) and self.password is not None:
            reply = self.exchange(self.with_credentials(request, reply), self.server, timeout)
        if reply.code == 200:
            self.registered_until = time.monotonic() + expires
        return reply.code

    def call(self, target, freq=None, headers=(), from_user=None, name=None, body=None, realm=None):
        """Starts a call to an extension or number; returns it at once. freq is what we say when it is answered."""
        call = self.call_class(self, sip.token(8), True)
        call.freq = freq if freq is not None else self.freq
        realm = realm or self.realm
        uri = target if target.startswith("sip:") else f"sip:{target}@{realm}"
        caller = f"sip:{from_user or self.user}@{self.realm}"
        call.local = (f'"{name}" ' if name else "") + f"<{caller}>;tag={sip.token(4)}"
        call.remote, call.target, call.cseq = f"<{uri}>", uri, 1
        call.invite = sip.Message(f"INVITE {uri} SIP/2.0", [
            ("Via", self.via()), ("Max-Forwards", "70"), ("From", call.local), ("To", call.remote),
            ("Call-ID", call.call_id), ("CSeq", "1 INVITE"), ("Contact", self.contact()),
            ("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, UPDATE"), *headers,
            ("Content-Type", "application/sdp")], call._sdp() if body is None else body)
        self.calls[call.call_id] = call
        call.started = time.monotonic()
        self.send(call.invite)
        return call

    def wait_call(self, timeout=10):
        """The next incoming call."""
        try:
            return self.incoming.get(timeout=timeout)
        except queue.Empty:
            raise AssertionError(f"{self.name}: no call came within {timeout:g} s") from None

    def quiet(self, seconds=0.0):
        """True when no call waits (after so many seconds)."""
        time.sleep(seconds)
        return self.incoming.empty()

    def subscribe(self, user, event="dialog", expires=600, accept="application/dialog-info+xml"):
        """Watches someone of the account; returns the final code. See wait_blf()."""
        watcher = f"<sip:{self.user}@{self.realm}>;tag={sip.token(4)}"
        request = sip.Message(f"SUBSCRIBE sip:{user}@{self.realm} SIP/2.0", [
            ("Via", self.via()), ("Max-Forwards", "70"), ("From", watcher), ("To", f"<sip:{user}@{self.realm}>"),
            ("Call-ID", sip.token(8)), ("CSeq", "1 SUBSCRIBE"), ("Contact", self.contact()), ("Event", event),
            ("Accept", accept), ("Expires", str(expires))])
        reply = self.exchange(request, self.server)
        if reply.code in (401, 407):
            reply = self.exchange(self.with_credentials(request, reply), self.server)
        return reply.code

    def wait_blf(self, user, state, timeout=5):
        """Waits until the busy lamp of this user says early, confirmed or terminated."""
        end = time.monotonic() + timeout
        with self.cond:
            while self.blf.get(user) != state:
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{self.name}: lamp of {user} is {self.blf.get(user)}, wanted {state}")
                self.cond.wait(left)

    def wait_lamp(self, new, timeout=10):
        end = time.monotonic() + timeout
        with self.cond:
            while not (self.lamp and self.lamp["new"] == new):
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{self.name}: lamp is {self.lamp}, wanted {new} new")
                self.cond.wait(left)
        return self.lamp

    def requests(self, method):
        return [m for m in list(self.messages) if not m.is_response and m.method == method]

    def close(self):
        self._stop = True
        self.thread.join(2)
        for call in self.calls.values():
            if call.audio:
                call.audio.close()
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- messages

    def via(self):
        return f"SIP/2.0/UDP {self.ip}:{self.port};branch=z9hG4bK{sip.token()};rport"

    def contact(self):
        return f"<sip:{self.user or 'trunk'}@{self.ip}:{self.port}>"

    def hop_for(self, uri):
        return self.server

    def with_credentials(self, request, challenge):
        name = "Proxy-Authorization" if challenge.code == 407 else "Authorization"
        value = sip.digest(challenge.get("Proxy-Authenticate" if challenge.code == 407 else "WWW-Authenticate"),
                           request.method, request.uri, self.user, self.password)
        headers = []
        for n, v in request.headers:
            if n == "Via":
                v = self.via()
            elif n == "CSeq":
                number, method = v.split()
                v = f"{int(number) + 1} {method}"
            headers.append((n, v))
        return sip.Message(request.start, headers + [(name, value)], request.body)

    def in_transaction(self, method, invite, reply=None):
        """CANCEL, or the ACK of a negative reply: same branch as the INVITE."""
        keep = [(n, v) for n, v in invite.headers if n in ("Via", "From", "Call-ID", "Max-Forwards", "Route")]
        keep.append(("To", reply.get("To") if reply else invite.get("To")))
        keep.append(("CSeq", f"{invite.get('CSeq').split()[0]} {method}"))
        return sip.Message(f"{method} {invite.uri} SIP/2.0", keep)

    def send(self, message):
        self.send_to(message, self.server)

    def send_to(self, message, where):
        try:
            self.sock.sendto(message.encode() if isinstance(message, sip.Message) else message, where)
        except OSError:
            if not self._stop:
                raise

    def exchange(self, request, where, timeout=6):
        """Sends a request until a final response comes; returns it. Fails when none comes."""
        answers = queue.Queue()
        self._waiting[request.branch] = answers
        end, pause = time.monotonic() + timeout, 0.5
        try:
            while True:
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{self.name}: no reply to {request.start} within {timeout:g} s")
                self.send_to(request, where)
                try:
                    until = time.monotonic() + min(pause, left)
                    while True:
                        reply = answers.get(timeout=max(0.001, until - time.monotonic()))
                        if reply.code >= 200:
                            return reply
                        until = end  # it is being worked on: no need to repeat
                except queue.Empty:
                    pause *= 2
        finally:
            self._waiting.pop(request.branch, None)

    def raw(self, data, timeout=2.0):
        """Sends bytes as they are; returns the first response that follows, or None."""
        before = len(self.messages)
        self.sock.sendto(data, self.server)
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for m in self.messages[before:]:
                if m.is_response and m.code > 100:
                    return m
            time.sleep(0.02)
        return None

    def reply(self, request, code, reason=None, call=None, body="", until_ack=False):
        to = request.get("To")
        if call and "tag=" not in to:
            to = call.local
        elif "tag=" not in to and code > 100:
            to += ";tag=" + sip.token(4)
        headers = [(n, v) for n, v in request.headers
                   if n.lower() in ("via", "from", "call-id", "cseq", "record-route")]
        headers += [("To", to), ("Contact", self.contact())]
        if body:
            headers.append(("Content-Type", "application/sdp"))
        data = sip.Message(f"SIP/2.0 {code} {reason or REASONS.get(code, 'Reply')}", headers, body).encode()
        via = request.all("Via")[0]
        where = (sip.parameter(via, "received") or sip.address_of("sip:" + via.split()[1].split(";")[0])[0],
                 int(sip.parameter(via, "rport") or sip.address_of("sip:" + via.split()[1].split(";")[0])[1]))
        self._replied[request.branch + request.method] = (data, where)
        if until_ack:
            self._unacked[request.get("Call-ID")] = [data, where, time.monotonic() + 0.5, 0]
        self.send_to(data, where)

    # ---- the thread

    def _run(self):
        while not self._stop:
            now = time.monotonic()
            for call_id, u in list(self._unacked.items()):
                if now >= u[2]:
                    u[2], u[3] = now + 0.5 * 2 ** min(u[3], 3), u[3] + 1
                    self.send_to(u[0], u[1])
                    if u[3] > 6:
                        self._unacked.pop(call_id, None)
            try:
                data, source = self.sock.recvfrom(65535)
            except socket.timeout:
                continue
            except OSError:
                return
            if len(data) < 20:
                continue
            message = sip.Message.parse(data)
            self.messages.append(message)
            try:
                if message.is_response:
                    self._response(message)
                else:
                    self._request(message)
            except Exception as e:  # a broken phone shows in the test that waits for it
                print(f"{self.name}: {message.start}: {type(e).__name__}: {e}")

    def _response(self, reply):
        waiting = self._waiting.get(reply.branch)
        if waiting:
            waiting.put(reply)
            return
        call = self.calls.get(reply.get("Call-ID"))
        if call and reply.method == "INVITE":
            if call.last_reinvite and reply.get("CSeq") == call.last_reinvite.get("CSeq"):
                return
            if reply.get("CSeq") == call.invite.get("CSeq"):
                call.on_response(reply)

    def _request(self, request):
        method = request.method
        again = self._replied.get(request.branch + method)
        if again and method != "ACK":
            self.send_to(*again)
            return
        call = self.calls.get(request.get("Call-ID"))
        if method == "ACK":
            self._unacked.pop(request.get("Call-ID"), None)
        if call:
            call.on_request(request)
        elif method == "INVITE":
            self._new_call(request)
        elif method == "NOTIFY":
            self.reply(request, 200)
            self._notify(request)
        elif method in ("BYE", "CANCEL"):
            self.reply(request, 481)
        elif method != "ACK":
            self.reply(request, 200)

    def _new_call(self, invite):
        if self.policy == "dead":
            return
        call = self.call_class(self, invite.get("Call-ID"), False)
        call.invite = invite
        call.freq = self.freq
        call.local = invite.get("To") + ";tag=" + sip.token(4)
        call.remote = invite.get("From")
        call.target = sip.uri_of(invite.get("Contact"))
        call.routes = invite.all("Record-Route")
        self.calls[call.call_id] = call
        if isinstance(self.policy, int):
            call.reject(self.policy)
        elif self.policy in ("ring", "answer"):
            call.ring()
            if self.policy == "answer":
                threading.Timer(0.1, call.answer).start()  # 180 and 200 may overtake each other otherwise
        self.incoming.put(call)

    def _notify(self, request):
        if request.get("Event").startswith("dialog"):
            entity = re.search(r'entity="sip:([^@"]*)@', request.body)
            state = re.search(r"<state>(\w+)</state>", request.body)
            if entity:
                with self.cond:
                    self.blf[entity.group(1)] = state.group(1) if state else "terminated"
                    self.cond.notify_all()
            return
        if "message-summary" not in request.get("Event"):
            return
        counts = re.search(r"Voice-Message:\s*(\d+)/(\d+)", request.body, re.I)
        with self.cond:
            self.lamp = {"waiting": "waiting: yes" in request.body.lower(),
                         "new": int(counts.group(1)) if counts else 0, "old": int(counts.group(2)) if counts else 0}
            self.lamps += 1
            self.cond.notify_all()
