"""RTP for test phones: sends a tone, keeps what it hears, measures frequencies, DTMF events and RTCP reports.

G.711 only, 20 ms packets, one thread a stream. Frequencies in Hz, times in seconds, samples 16-bit at 8 kHz.
SPDX-License-Identifier: GPL-2.0-or-later"""
import audioop
import math
import random
import select
import socket
import struct
import threading
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)

RATE = 8000
FRAME = 160
PCMU, PCMA, EVENT = 0, 8, 101
NTP_EPOCH = 2208988800
DIGITS = "0123456789*#ABCD"


def tone(freq, seconds, level=8000):
    """Linear samples of a sine."""
    step = 2 * math.pi * freq / RATE
    return b"".join(struct.pack("<h", int(level * math.sin(step * i))) for i in range(int(seconds * RATE)))


def goertzel(samples, freq):
    """The power of one frequency in linear samples, as a share (0..1) of all their power."""
    values = struct.unpack("<%dh" % (len(samples) // 2), samples)
    total = sum(v * v for v in values)
    if not values or total < len(values) * 400:  # below an amplitude of about 28: silence
        return 0.0
    coefficient = 2 * math.cos(2 * math.pi * freq / RATE)
    s1 = s2 = 0.0
    for v in values:
        s1, s2 = v + coefficient * s1 - s2, s1
    power = s1 * s1 + s2 * s2 - coefficient * s1 * s2
    return min(1.0, 2 * power / (len(values) * total))


def share(samples, freq, window=0.1):
    """The best goertzel share over the windows of some audio: robust against a start within the tone."""
    size = int(window * RATE) * 2
    parts = [samples[i:i + size] for i in range(0, len(samples) - size + 1, size)]
    return [goertzel(p, freq) for p in parts]


def steady(samples):
    """The frequency of a pure tone between 400 and 1500 Hz, or None: zero crossings say where to look."""
    values = struct.unpack("<%dh" % (len(samples) // 2), samples)
    crossings = sum(1 for a, b in zip(values, values[1:]) if (a < 0) != (b < 0))
    guess = crossings * RATE / 2 / len(values)
    if not 390 <= guess <= 1510:
        return None
    best = max((goertzel(samples, guess + d), guess + d) for d in (-10, -5, 0, 5, 10))
    return best[1] if best[0] > 0.8 else None


def seconds_of(samples, freq, window=0.1, least=0.6):
    """For how long a frequency is dominant."""
    return window * sum(1 for s in share(samples, freq, window) if s >= least)


def loud_seconds(samples, window=0.1, rms=200):
    size = int(window * RATE) * 2
    return window * sum(1 for i in range(0, len(samples) - size + 1, size) if audioop.rms(samples[i:i + size], 2) >= rms)


class Audio:
    """One RTP stream both ways, with RTCP on the next port."""

    def __init__(self, ip):
        self.ip = ip
        for _ in range(200):
            port = random.randrange(20000, 29998, 2)
            rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                rtp.bind((ip, port))
                rtcp.bind((ip, port + 1))
            except OSError:
                rtp.close()
                rtcp.close()
                continue
            break
        else:
            raise RuntimeError("no free RTP port on " + ip)
        self.port, self.rtp, self.rtcp = port, rtp, rtcp
        self.lock = threading.Lock()
        self.remote = None
        self.payload_type = PCMU
        self.event_type = EVENT
        self.frame = None        # linear samples that are sent again and again; None: silence
        self.queue = []          # digits to be sent
        self.heard = []          # (arrival time, linear samples)
        self.events = []         # digits that were received
        self.sent_packets = self.received_packets = 0
        self.mute = False        # send nothing at all
        self._phase = 0
        self._freq = None
        self._ssrc = random.getrandbits(32)
        self._seq = random.getrandbits(16)
        self._stamp = random.getrandbits(32)
        self._octets = 0
        self._last_event = None
        self._their = None       # ssrc, first and highest sequence number, transit, jitter
        self._last_sr = (0, 0.0)
        self._stop = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def send_to(self, remote, payload_type, event_type):
        with self.lock:
            self.remote, self.payload_type, self.event_type = remote, payload_type, event_type

    def say(self, freq):
        """Sends this frequency from now on; None is silence."""
        with self.lock:
            self._freq = freq

    def digits(self, text):
        """Sends digits as RFC 4733 events, 100 ms each with 60 ms between them; returns when they are sent."""
        with self.lock:
            self.queue.extend(text)
        end = time.monotonic() + 1 + 0.25 * len(text)
        while self.queue and time.monotonic() < end:
            time.sleep(0.02)

    def recording(self, since=0.0):
        """All that was heard since a time.monotonic(), as linear samples."""
        with self.lock:
            return b"".join(s for at, s in self.heard if at >= since)

    def close(self):
        self._stop = True
        if self.thread is not threading.current_thread():
            self.thread.join(2)
        self.rtp.close()
        self.rtcp.close()

    def _run(self):
        due = time.monotonic()
        next_report = due + 1.0
        pending = None  # digit, packets left, its time stamp, duration
        while not self._stop:
            wait = due - time.monotonic()
            if wait > 0:
                for s in select.select([self.rtp, self.rtcp], [], [], wait)[0]:
                    try:
                        data = s.recv(2048)
                    except OSError:
                        continue
                    (self._receive if s is self.rtp else self._receive_report)(data)
                continue
            due += 0.02
            with self.lock:
                remote = self.remote
                if remote and not self.mute:
                    if pending is None and self.queue:
                        pending = [self.queue[0], 11, self._stamp, 0]
                    if pending:
                        pending = self._send_event(pending)
                    else:
                        self._send_audio()
            if remote and not self.mute and time.monotonic() >= next_report:
                next_report += 1.0
                self._send_report(remote)

    def _packet(self, payload_type, payload, stamp, marker=False):
        header = struct.pack("!BBHII", 0x80, payload_type | (0x80 if marker else 0), self._seq & 0xffff,
                             stamp & 0xffffffff, self._ssrc)
        try:
            self.rtp.sendto(header + payload, self.remote)
        except OSError:
            pass
        self._seq += 1
        self.sent_packets += 1
        self._octets += len(payload)

    def _send_audio(self):
        if self._freq:
            step = 2 * math.pi * self._freq / RATE
            linear = struct.pack("<%dh" % FRAME, *(int(8000 * math.sin(self._phase + step * i)) for i in range(FRAME)))
            self._phase = (self._phase + step * FRAME) % (2 * math.pi)
        else:
            linear = b"\0" * (FRAME * 2)
        encode = audioop.lin2ulaw if self.payload_type == PCMU else audioop.lin2alaw
        self._packet(self.payload_type, encode(linear, 2), self._stamp)
        self._stamp += FRAME

    def _send_event(self, event):
        digit, left, stamp, duration = event
        self._stamp += FRAME
        if left > 3:  # five packets of the key, three that say it has ended, three of silence after it
            duration += FRAME
            self._packet(self.event_type, struct.pack("!BBH", DIGITS.index(digit), 10, duration), stamp, left == 11)
        elif left == 3:
            for _ in range(3):
                self._packet(self.event_type, struct.pack("!BBH", DIGITS.index(digit), 0x80 | 10, duration), stamp)
        else:
            self._packet(self.payload_type, (b"\xff" if self.payload_type == PCMU else b"\xd5") * FRAME, self._stamp)
        if left == 0:
            self.queue.pop(0)
            return None
        return [digit, left - 1, stamp, duration]

    def _receive(self, data):
        if len(data) < 12 or data[0] >> 6 != 2:
            return
        kind = data[1] & 0x7f
        seq, stamp, ssrc = struct.unpack("!HII", data[2:12])
        payload = data[12 + 4 * (data[0] & 15):]
        now = time.monotonic()
        with self.lock:
            self.received_packets += 1
            transit = now * RATE - stamp
            if not self._their or self._their["ssrc"] != ssrc:
                self._their = {"ssrc": ssrc, "first": seq, "highest": seq, "count": 0, "transit": transit, "jitter": 0.0}
            t = self._their
            t["count"] += 1
            t["highest"] = max(t["highest"], seq)
            t["jitter"] += (abs(transit - t["transit"]) - t["jitter"]) / 16
            t["transit"] = transit
            if kind == PCMU:
                self.heard.append((now, audioop.ulaw2lin(payload, 2)))
            elif kind == PCMA:
                self.heard.append((now, audioop.alaw2lin(payload, 2)))
            elif len(payload) >= 4 and kind >= 96 and self._last_event != stamp:
                self._last_event = stamp
                self.events.append(DIGITS[payload[0]] if payload[0] < 16 else "?")

    def _receive_report(self, data):
        if len(data) >= 20 and data[1] == 200:  # a sender report: its time is given back for the round trip
            middle = struct.unpack("!I", data[10:14])[0]
            with self.lock:
                self._last_sr = (middle, time.monotonic())

    def _send_report(self, remote):
        now = time.time() + NTP_EPOCH
        with self.lock:
            t = self._their
            blocks = 1 if t else 0
            body = struct.pack("!IIIIII", self._ssrc, int(now) & 0xffffffff, int((now % 1) * 2 ** 32),
                               self._stamp & 0xffffffff, self.sent_packets, self._octets)
            if t:
                lost = max(0, t["highest"] - t["first"] + 1 - t["count"])
                since = int((time.monotonic() - self._last_sr[1]) * 65536) if self._last_sr[0] else 0
                body += struct.pack("!IIIIII", t["ssrc"], lost & 0xffffff, t["highest"], int(t["jitter"]),
                                    self._last_sr[0], since)
        header = struct.pack("!BBH", 0x80 | blocks, 200, len(body) // 4)
        name = b"phone@" + self.ip.encode()
        chunk = struct.pack("!I", self._ssrc) + bytes([1, len(name)]) + name
        chunk += b"\0" * (4 - len(chunk) % 4)
        names = struct.pack("!BBH", 0x81, 202, len(chunk) // 4) + chunk
        try:
            self.rtcp.sendto(header + body + names, (remote[0], remote[1] + 1))
        except OSError:
            pass
