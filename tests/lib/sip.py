"""SIP messages and digest answers for test phones: just text, no state.
SPDX-License-Identifier: GPL-2.0-or-later"""
import hashlib
import os
import re

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
           "c": "content-type", "k": "supported", "o": "event", "e": "content-encoding", "s": "subject"}


def token(n=6):
    return os.urandom(n).hex()


class Message:
    """A request or a response. Headers keep their order; names are compared without case."""

    def __init__(self, start, headers=None, body=""):
        self.start, self.headers, self.body = start, list(headers or []), body

    @classmethod
    def parse(cls, data):
        text = data.decode("utf-8", "replace")
        head, _, body = text.partition("\r\n\r\n")
        lines = head.split("\r\n")
        headers = []
        for line in lines[1:]:
            if line[:1] in " \t" and headers:
                headers[-1] = (headers[-1][0], headers[-1][1] + " " + line.strip())
                continue
            name, _, value = line.partition(":")
            name = name.strip()
            headers.append((COMPACT.get(name.lower(), name), value.strip()))
        return cls(lines[0], headers, body)

    def encode(self):
        body = self.body.encode()
        lines = [self.start] + [f"{n}: {v}" for n, v in self.headers if n.lower() != "content-length"]
        return ("\r\n".join(lines) + f"\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body

    def get(self, name, default=""):
        return next((v for n, v in self.headers if n.lower() == name.lower()), default)

    def all(self, name):
        """Every value of a header that may be repeated or hold several values (Via, Route, Record-Route)."""
        found = []
        for n, v in self.headers:
            if n.lower() == name.lower():
                found.extend(p.strip() for p in re.split(r",(?=(?:[^\"<>]*<[^>]*>)*[^<>]*$)", v) if p.strip())
        return found

    @property
    def is_response(self):
        return self.start.startswith("SIP/2.0 ")

    @property
    def code(self):
        return int(self.start.split(" ", 2)[1]) if self.is_response else 0

    @property
    def reason(self):
        return self.start.split(" ", 2)[2] if self.start.count(" ") > 1 else ""

    @property
    def method(self):
        return self.get("CSeq").split()[-1] if self.is_response else self.start.split(" ", 1)[0]

    @property
    def uri(self):
        return "" if self.is_response else self.start.split(" ")[1]

    @property
    def branch(self):
        return parameter(self.all("via")[0] if self.all("via") else "", "branch")

    def __repr__(self):
        return f"<{self.start} {self.get('CSeq')}>"


def parameter(value, name):
    found = re.search(r";\s*" + name + r"\s*=\s*\"?([^;,>\" ]+)", value, re.I)
    return found.group(1) if found else ""


def uri_of(value):
    """The URI within a From, To, Contact or Route value."""
    found = re.search(r"<([^>]*)>", value)
    return found.group(1) if found else value.split(";")[0].strip()


def user_of(value):
    found = re.match(r"sips?:([^@;>]*)@", uri_of(value))
    return found.group(1) if found else ""


def name_of(value):
    found = re.match(r"\s*\"?([^\"<]*?)\"?\s*<", value)
    return found.group(1) if found else ""


def address_of(uri, default=("127.0.0.1", 5060)):
    found = re.match(r"sips?:(?:[^@]*@)?([^:;>?]+)(?::(\d+))?", uri)
    return (found.group(1), int(found.group(2) or 5060)) if found else default


def digest(challenge, method, uri, user, password):
    """The value of an (Proxy-)Authorization header for a challenge, RFC 2617 with and without qop."""
    def md5(text):
        return hashlib.md5(text.encode()).hexdigest()
    parts = dict(re.findall(r'(\w+)="?([^",]*)"?', challenge.split(" ", 1)[1]))
    realm, nonce = parts["realm"], parts["nonce"]
    ha1, ha2 = md5(f"{user}:{realm}:{password}"), md5(f"{method}:{uri}")
    text = f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm=MD5'
    if "auth" in parts.get("qop", ""):
        cnonce = token()
        answer = md5(f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")
        return text + f', qop=auth, nc=00000001, cnonce="{cnonce}", response="{answer}"'
    return text + f', response="{md5(f"{ha1}:{nonce}:{ha2}")}"'


def sdp_offer(ip, port, direction="sendrecv", codecs=(0, 8), event=101):
    names = {0: "PCMU/8000", 8: "PCMA/8000"}
    formats = " ".join(str(c) for c in codecs) + f" {event}"
    lines = ["v=0", f"o=- {int.from_bytes(os.urandom(4), 'big')} 1 IN IP4 {ip}", "s=-", f"c=IN IP4 {ip}", "t=0 0",
             f"m=audio {port} RTP/AVP {formats}"]
    lines += [f"a=rtpmap:{c} {names[c]}" for c in codecs]
    lines += [f"a=rtpmap:{event} telephone-event/8000", f"a=fmtp:{event} 0-15", "a=ptime:20", f"a={direction}"]
    return "\r\n".join(lines) + "\r\n"


def sdp_read(body):
    """(address, port), first G.711 payload type, payload type of telephone events; None without audio."""
    c = re.search(r"^c=IN IP4 (\S+)", body, re.M)
    m = re.search(r"^m=audio (\d+) \S+ ([\d ]+)", body, re.M)
    if not c or not m:
        return None
    media = body[m.start():]
    own = re.search(r"^c=IN IP4 (\S+)", media, re.M)
    kinds = [int(k) for k in m.group(2).split()]
    event = re.search(r"^a=rtpmap:(\d+) telephone-event", body, re.M)
    voice = next((k for k in kinds if k in (0, 8)), None)
    if voice is None:
        return None
    return ((own or c).group(1), int(m.group(1))), voice, int(event.group(1)) if event else 101
