"""Fax machines for tests: a phone whose calls are spandsp on an RTP port or over T.38 (build/out/tests/faxer).

    pages = make_pages(folder, 3)
    machine = FaxPhone(ip, server, ..., sends=pages)     call = machine.call("700"); call.finished()
    machine = FaxPhone(ip, server, receives=path)        call = machine.wait_call(); call.answer(); call.finished()

t38 says what it thinks of T.38: "refuse" (488), "accept", "offer" (offers it itself after t38_after seconds).
SPDX-License-Identifier: GPL-2.0-or-later"""
import os
import re
import socket
import subprocess
import threading
import time

import sip
from call import Call
from phone import Phone
from stack import TOP

FAXER = os.path.join(TOP, "build", "out", "tests", "faxer")


def make_pages(folder, pages, rows=300, seed=1):
    path = os.path.join(folder, f"pages-{pages}-{rows}-{seed}.tif")
    subprocess.run([FAXER, "make", path, str(pages), str(rows), str(seed)], check=True)
    return path


def equal_pages(sent, received):
    """How many pages at the start are equal bit by bit, and how many the second file has."""
    out = subprocess.run([FAXER, "equal", sent, received], check=True, capture_output=True, text=True).stdout
    equal, count = re.match(r"(\d+) of (-?\d+)", out).groups()
    return int(equal), int(count)


def image_sdp(ip, port, *more):
    lines = ["v=0", f"o=- {int.from_bytes(os.urandom(4), 'big')} 2 IN IP4 {ip}", "s=-", f"c=IN IP4 {ip}", "t=0 0",
             f"m=image {port} udptl t38"]
    return "\r\n".join(lines + list(more or ("a=T38FaxVersion:0", "a=T38MaxBitRate:14400",
                                             "a=T38FaxRateManagement:transferredTCF", "a=T38FaxMaxDatagram:400",
                                             "a=T38FaxUdpEC:t38UDPRedundancy"))) + "\r\n"


def image_of(body):
    """Where an image line wants its datagrams, or None."""
    m = re.search(r"^m=image (\d+) udptl t38", body, re.M | re.I)
    c = re.search(r"^c=IN IP4 (\S+)", body, re.M)
    return (c.group(1), int(m.group(1))) if m and c and int(m.group(1)) else None


class Machine:
    """One run of the program; looks like audio.Audio as far as Call cares."""

    def __init__(self, ip, sends=None, receives=None, codec=8, copies=1):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((ip, 0))
            self.port = s.getsockname()[1] & ~1
        self.lines, self.pages, self.result = [], 0, None
        self.cond = threading.Condition()
        self.mute = False
        self.process = subprocess.Popen(
            [FAXER, "send" if sends else "receive", sends or receives, ip, str(self.port),
             "pcma" if codec == 8 else "pcmu", str(copies)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            words = line.split(None, 3)
            with self.cond:
                self.lines.append(line.strip())
                if words[0] == "page":
                    self.pages = int(words[1])
                elif words[0] == "done":
                    self.result = (int(words[1]), int(words[2]))
                self.cond.notify_all()

    def wait(self, what, test, timeout):
        end = time.monotonic() + timeout
        with self.cond:
            while not test():
                left = end - time.monotonic()
                assert left > 0, f"fax machine: {what} not within {timeout} s; it said {self.lines}"
                self.cond.wait(left)

    def tell(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except OSError:
            pass

    def send_to(self, remote, _type=None, _event=None):
        self.tell(f"to {remote[0]} {remote[1]}")

    def say(self, _freq):
        pass

    def recording(self, _since=0.0):
        return b""

    def close(self):
        self.tell("quit")
        self.process.wait(5)


class FaxCall(Call):
    image = None  # where T.38 goes, once agreed

    def _open_audio(self):
        if not self.audio:
            p = self.phone
            self.audio = Machine(p.ip, p.sends, p.receives, p.codecs[0], p.copies)

    def _sdp(self):
        self._open_audio()
        if self.image:
            return image_sdp(self.phone.ip, self.audio.port, *self.phone.t38_lines)
        return super()._sdp()

    def _media_from(self, message):
        where = image_of(message.body)
        if not where:
            super()._media_from(message)
            return
        self._open_audio()
        if self.image != where:
            self.image = where
            self.audio.tell(f"t38 {where[0]} {where[1]}")

    def on_request(self, request):
        if request.method == "INVITE" and image_of(request.body) and self.phone.t38 == "refuse":
            self.requests.append(request)
            self.phone.reply(request, 488, "Not Acceptable Here", call=self)
            self.notify()
            return
        super().on_request(request)

    def offer_t38(self, timeout=8):
        """A re-INVITE with an image line; returns the final reply."""
        self._open_audio()
        request = self._request("INVITE", image_sdp(self.phone.ip, self.audio.port, *self.phone.t38_lines))
        self.last_reinvite = request
        reply = self.phone.exchange(request, self.hop(), timeout)
        self.phone.send_to(self._ack(reply, request), self.hop())
        if reply.code == 200:
            self._media_from(reply)
        return reply

    def refresh(self, timeout=8):
        """A session refresh: what stands is offered again."""
        return self.reinvite(timeout=timeout)

    def finished(self, timeout=90):
        """Waits for the end of the fax; returns (spandsp's code, pages)."""
        self.audio.wait("the end", lambda: self.audio.result, timeout)
        return self.audio.result


class FaxPhone(Phone):
    call_class = FaxCall

    def __init__(self, *args, sends=None, receives=None, t38="refuse", copies=1, t38_lines=(), codecs=(8,), **kw):
        self.sends, self.receives, self.t38, self.copies, self.t38_lines = sends, receives, t38, copies, t38_lines
        super().__init__(*args, **kw)
        self.codecs = codecs
