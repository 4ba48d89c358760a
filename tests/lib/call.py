"""One call of a test phone: the dialog, its audio, and what a test may ask of it. Phones make these; see phone.py.
SPDX-License-Identifier: GPL-2.0-or-later"""
import threading
import time

import audio
import sip


class Call:
    def __init__(self, phone, call_id, outgoing):
        self.phone, self.call_id, self.outgoing = phone, call_id, outgoing
        self.cond = threading.Condition()
        self.state = "new"          # new, early, up, ended
        self.responses = []         # (time.monotonic(), Message) of our INVITE
        self.requests = []          # requests inside the dialog
        self.code = None            # the final code of an outgoing call, or what we replied
        self.started = time.monotonic()
        self.answered_at = self.ended_at = None
        self.ended_by = None        # "us" or "them"
        self.invite = None          # the INVITE, ours or theirs
        self.local = self.remote = ""    # From and To values of our side and theirs
        self.target = ""            # where requests in the dialog go
        self.routes = []
        self.cseq = 0
        self.credentials_tried = False
        self.audio = None
        self.freq = None
        self.direction = "sendrecv"
        self.offer_in_answer = False
        self.cancelled = False
        self.last_reinvite = None

    # ---- waiting

    def wait(self, what, test, timeout):
        """Waits until test() is true; else fails and says what has been seen."""
        end = time.monotonic() + timeout
        with self.cond:
            while not test():
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{self}: {what} did not come within {timeout:g} s; {self.story()}")
                self.cond.wait(min(left, 0.2))

    def story(self):
        seen = [m.start for _, m in self.responses] + [m.start for m in self.requests]
        return f"state {self.state}, seen: {seen}"

    def __repr__(self):
        return f"<{self.phone.name} {'->' if self.outgoing else '<-'} {self.invite.uri if self.invite else '?'}>"

    def notify(self):
        with self.cond:
            self.cond.notify_all()

    # ---- what a caller may ask

    def codes(self):
        return [m.code for _, m in self.responses]

    def expect(self, code, timeout=10):
        """Waits for this response code; returns the message."""
        self.wait(str(code), lambda: code in self.codes() or (self.code is not None and self.code != code), timeout)
        found = next((m for _, m in self.responses if m.code == code), None)
        assert found, f"{self}: wanted {code}, got {self.code}; {self.story()}"
        return found

    def final(self, timeout=30):
        self.wait("a final reply", lambda: self.code is not None, timeout)
        return self.code

    def final_or_call(self, other, timeout=10):
        """True when the call has reached the other phone, False when it ended before."""
        self.wait("a call or a final reply", lambda: self.code is not None or not other.incoming.empty(), timeout)
        return not other.incoming.empty()

    def after(self, code):
        """Seconds from the INVITE to the first response of this code."""
        return next(at - self.started for at, m in self.responses if m.code == code)

    def cancel(self):
        self.phone.send(self.phone.in_transaction("CANCEL", self.invite))
        self.cancelled = True

    # ---- what a callee may do

    @property
    def caller(self):
        """(name, number) that the caller shows."""
        value = self.invite.get("From")
        return sip.name_of(value), sip.user_of(value)

    def ring(self, code=180):
        self.phone.reply(self.invite, code, call=self)
        self.state = "early"
        return self

    def early_media(self):
        self._media_from(self.invite)
        self.phone.reply(self.invite, 183, call=self, body=self._sdp())
        self.state = "early"
        return self

    def answer(self, freq=None):
        self.freq = freq if freq else self.freq
        if self.invite.body:
            self._media_from(self.invite)
        else:
            self.offer_in_answer = True
            self._open_audio()
        self.code = 200
        self.state = "up"
        self.answered_at = time.monotonic()
        self.phone.reply(self.invite, 200, call=self, body=self._sdp(), until_ack=True)
        return self

    def reject(self, code, reason="No"):
        self.code = code
        self.phone.reply(self.invite, code, reason, call=self)
        self._ended("us")

    # ---- within the call

    def bye(self, timeout=5):
        reply = self.phone.exchange(self._request("BYE"), self.hop(), timeout)
        self._ended("us")
        return reply.code

    def reinvite(self, direction="sendrecv", timeout=8):
        """Offers again; returns the final reply."""
        self.direction = direction
        request = self._request("INVITE", self._sdp())
        self.last_reinvite = request
        reply = self.phone.exchange(request, self.hop(), timeout)
        self.phone.send_to(self._ack(reply, request), self.hop())
        if reply.code == 200 and reply.body:
            self._media_from(reply)
        return reply

    def refer(self, to, timeout=5):
        """Asks the other side to call `to` (a Refer-To value); returns the reply's code."""
        request = self._request("REFER")
        request.headers += [("Refer-To", to), ("Referred-By", f"<sip:{self.phone.user}@{self.phone.realm}>")]
        return self.phone.exchange(request, self.hop(), timeout).code

    @property
    def dialog(self):
        """As the other side's Replaces header names it: for an INVITE to whoever we talk with."""
        remote, local = sip.parameter(self.remote, "tag"), sip.parameter(self.local, "tag")
        return f"{self.call_id};to-tag={remote};from-tag={local}"

    def hold(self):
        return self.reinvite("sendonly")

    def resume(self):
        return self.reinvite("sendrecv")

    def wait_up(self, timeout=10):
        self.wait("answer", lambda: self.state in ("up", "ended"), timeout)
        assert self.state == "up", f"{self}: not answered; {self.story()}"
        return self

    def wait_end(self, timeout=20):
        self.wait("end of the call", lambda: self.state == "ended", timeout)
        return self

    # ---- audio

    def say(self, freq):
        self.freq = freq
        if self.audio:
            self.audio.say(freq)
        return self

    def digits(self, text):
        self.audio.digits(text)

    def hears(self, freq, seconds=0.8, timeout=8):
        """Waits until this frequency has been dominant for so long in what arrives from now on."""
        since, end = time.monotonic(), time.monotonic() + timeout
        got = 0.0
        while time.monotonic() < end:
            time.sleep(0.2)
            if self.audio:
                got = audio.seconds_of(self.audio.recording(since), freq)
                if got >= seconds:
                    return True
        raise AssertionError(f"{self}: heard {freq} Hz for {got:.1f} s of the {seconds} s wanted "
                             f"({self.audio.received_packets if self.audio else 0} packets in all)")

    def silent(self, freq, seconds=1.0):
        """Listens for so long and says whether this frequency was absent."""
        since = time.monotonic()
        time.sleep(seconds)
        return audio.seconds_of(self.audio.recording(since), freq) <= 0.1

    # ---- the dialog, used by phone.py

    def hop(self):
        return sip.address_of(sip.uri_of(self.routes[0])) if self.routes else self.phone.hop_for(self.target)

    def _open_audio(self):
        if not self.audio:
            self.audio = audio.Audio(self.phone.ip)
            self.audio.say(self.freq)

    def _sdp(self):
        self._open_audio()
        return sip.sdp_offer(self.phone.ip, self.audio.port, self.direction, self.phone.codecs)

    def _media_from(self, message):
        found = sip.sdp_read(message.body)
        if found:
            self._open_audio()
            self.audio.send_to(*found)

    def _request(self, method, body="", cseq=None):
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        headers = [("Via", self.phone.via()), ("Max-Forwards", "70")]
        headers += [("Route", r) for r in self.routes]
        headers += [("From", self.local), ("To", self.remote), ("Call-ID", self.call_id),
                    ("CSeq", f"{cseq} {method}"), ("Contact", self.phone.contact())]
        if body:
            headers.append(("Content-Type", "application/sdp"))
        return sip.Message(f"{method} {self.target} SIP/2.0", headers, body)

    def _ack(self, reply, request):
        cseq = int(request.get("CSeq").split()[0])
        if reply.code >= 300:
            return self.phone.in_transaction("ACK", request, reply)
        return self._request("ACK", cseq=cseq)

    def _ended(self, by):
        if self.state != "ended":
            self.state = "ended"
            self.ended_by = by
            self.ended_at = time.monotonic()
            if self.audio:
                self.audio.mute = True
        self.notify()

    def on_response(self, reply):
        """A response to our INVITE, in the phone's thread."""
        self.responses.append((time.monotonic(), reply))
        code = reply.code
        if code in (401, 407) and not self.credentials_tried and self.phone.password is not None:
            self.credentials_tried = True
            self.responses.pop()
            self.phone.send(self._ack(reply, self.invite))
            self.invite = self.phone.with_credentials(self.invite, reply)
            self.cseq = int(self.invite.get("CSeq").split()[0])
            self.phone.send(self.invite)
            return
        if 100 < code < 300:
            self.remote = reply.get("To")
            self.target = sip.uri_of(reply.get("Contact")) or self.target
            self.routes = list(reversed(reply.all("Record-Route")))
            if reply.body:
                self._media_from(reply)
        if code >= 200:
            self.phone.send_to(self._ack(reply, self.invite),
                               self.hop() if code < 300 else self.phone.server)
        if 100 < code < 200 and self.state == "new":
            self.state = "early"
        elif 200 <= code < 300:
            if self.code is None:
                self.state, self.code, self.answered_at = "up", code, time.monotonic()
        elif code >= 300:
            self.code = code
            self._ended("them")
        self.notify()

    def on_request(self, request):
        """A request inside the dialog, in the phone's thread."""
        method = request.method
        if method == "ACK":
            if self.offer_in_answer and request.body:
                self._media_from(request)
            self.requests.append(request)
            self.notify()
            return
        self.requests.append(request)
        if method == "BYE":
            self.phone.reply(request, 200)
            self._ended("them")
        elif method == "CANCEL":
            self.phone.reply(request, 200)
            if self.code is None:
                self.code = 487
                self.phone.reply(self.invite, 487, "Request Terminated", call=self)
                self._ended("them")
        elif method in ("INVITE", "UPDATE"):
            if request.body:
                self._media_from(request)
            self.phone.reply(request, 200, call=self, body=self._sdp() if request.body or method == "INVITE" else "")
        else:
            self.phone.reply(request, 200)
        self.notify()
