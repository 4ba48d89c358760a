"""Malformed requests: a clear answer, nothing crashes, nothing is half written. SPDX-License-Identifier: GPL-2.0-or-later"""
import json
import os
import socket
import urllib.parse

from crossbar import Client
from world import flow

JSON = {"Content-Type": "application/json"}


def put(world, body, headers=JSON, path="users"):
    return world.acme.admin.send("PUT", f"{world.acme.at}/{path}", body, headers)


def json_that_is_none(world):
    """400 with line and column, or the rule that it breaks."""
    good = '{"data":{"first_name":"A","last_name":"B"}}'
    before = world.state_of(world.acme.id)
    for body, line, column in (('{"data":', 1, 8), ('{"data":{}', 1, 10), ('\n\n {"data":{"a":tru}}', 3, None), ("{'data':{}}", 1, None),
                               ('{"data":{"a":01}}', 1, None), ('{"data":{"a":NaN}}', 1, None), (good + "x", 1, None),
                               ('{"data":{"a":"\\ud800"}}', 1, None), ('{"data":{"a":"\t"}}', 1, None), ("nonsense", 1, None),
                               ('{"data":{"a":1,"a":2}}', 1, None), ('{"data":{"a":1e999}}', 1, None),
                               ('{"data":{"a":99999999999999999999}}', 1, None), ("\x00", 1, None), (good + "\x00", 1, None),
                               ('{"data":{"first_name":"A\\u0000B","last_name":"C"}}', 1, None), ("﻿" + good, 1, None),
                               ("[" * 5000, 1, None), ('{"data":' * 3000, 1, None)):
        r = put(world, body.encode())
        assert r.code == 400 and r.json["message"] == "invalid request body", (body[:40], r.code, r.body[:200])
        assert r.headers["Content-Type"] == "application/json" and r.data["json"]["invalid"]["message"], r.body
        found = r.data["json"]["invalid"]
        assert found["line"] == line and (column is None or abs(found["column"] - column) <= 1), (body[:40], found)
    for raw in (b'{"data":{"first_name":"\xff","last_name":"B"}}', b'{"data":{"first_name":"\xc0\x80","last_name":"B"}}',
                b'{"data":{"first_name":"\xed\xa0\x80","last_name":"B"}}', b'{"data":{"first_name":"\xf8\x88\x80\x80\x80","last_name":"B"}}',
                good.encode("utf-16"), os.urandom(500)):
        put(world, raw).expect(400)
    for body in ("[]", '"x"', "5", "null", "{}", '{"data":[]}', '{"data":"x"}', '{"data":null}', '{"data":5}'):
        r = put(world, body.encode())
        assert r.code == 400, (body, r.code)
    assert world.state_of(world.acme.id) == before


def deep_json(world):
    """Deeper than can be kept: 400, by name."""
    for depth in (30, 100, 126, 1000, 2040):
        for left, right in (("[", "]"), ('{"a":', "}")):
            body = '{"data":{"first_name":"A","last_name":"B","x":' + left * depth + "1" + right * depth + "}}"
            r = put(world, body.encode())
            assert r.code == 400, (depth, r.code)
    value = {"a": 1}
    for _ in range(20):
        value = {"a": value}
    id = json.loads(put(world, json.dumps({"data": {"first_name": "A", "last_name": "B", "x": value}})).body)["data"]["id"]
    assert world.acme.admin.get(f"{world.acme.at}/users/{id}").data["x"] == value
    world.acme.admin.delete(f"{world.acme.at}/users/{id}").expect(200)


def content_types(world):
    """415 for what is not JSON; parameters and case do not matter."""
    body = b'{"data":{"first_name":"A","last_name":"B"}}'
    for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonx", "application/x-www-form-urlencoded"):
        r = put(world, body, {"Content-Type": kind}).expect(415)
        assert r.headers["Content-Type"] == "application/json" and r.json["error"] == "415"
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        id = put(world, body, {"Content-Type": kind}).expect(201).data["id"]
        world.acme.admin.delete(f"{world.acme.at}/users/{id}").expect(200)


def too_large(world):
    """Over 6 MB: 413 by the API, over 7 MB by nginx; the same shape."""
    for size in (6 * 1024 * 1024 + 1, 8 * 1024 * 1024):
        r = put(world, b'{"data":{"x":"' + b"x" * size + b'"}}').expect(413)
        assert r.json["error"] == "413" and r.json["status"] == "error" and r.headers["Content-Type"] == "application/json"
    r = put(world, b'{"data":{"first_name":"A","last_name":"B","x":"' + b"x" * (5 * 1024 * 1024) + b'"}}').expect(201)
    assert len(r.data["x"]) == 5 * 1024 * 1024
    world.acme.admin.delete(f"{world.acme.at}/users/{r.data['id']}").expect(200)
    wide = {"data": {"first_name": "A", "last_name": "B", **{f"k{i}": i for i in range(20000)}}}
    id = put(world, json.dumps(wide)).expect(201).data["id"]
    world.acme.admin.delete(f"{world.acme.at}/users/{id}").expect(200)


def paths_and_verbs(world):
    """Unknown paths 404, other verbs 405 with Allow, broken encoding 400; always JSON."""
    a, at = world.acme.admin, f"/v2/{world.acme.at}"
    for target, code in (("/v2/nothing", 404), ("/v2", 404), ("/v2/", 404), ("/", 404), ("/v1/accounts", 404), ("/v22/about", 404),
                         (at + "/nothing", 404), (at + "/users/x", 404), (at + "/users/" + "0" * 32, 404), (at + "/users/%00", 400),
                         (at + "/users/%zz", 400), (at + "/users/%ff", 400), (at + "/users/%0d%0aX-Evil:%20yes", 400),
                         (at + "/users/%27%20OR%201=1", 404), (at + "/users/..%2f..%2fetc%2fpasswd", 404), (at + "/a/b/c/d/e/f/g/h/i/j/k/l/m", 404),
                         (at + "/users?x=%ff", 400), (at + "/users?x=%0d%0aX-Evil:1", 400), (at + "/users?" + "&".join(f"k{i}=1" for i in range(100)), 400),
                         (at + "//users/", 200), (at + "/users/", 200), (at + "/users?", 200), (at + "/users?=&&a&=b", 200),
                         (at + "/" + "x" * 3000, 404), ("/v2/" + "x" * 20000, 414), ("/v2/about/../../x", 404)):
        r = a.raw("GET", target)
        assert r.code == code, (target[:100], r.code, r.body[:200])
        assert r.headers["Content-Type"] == "application/json" and "X-Evil" not in r.headers and r.json["request_id"], target[:100]
    for verb, path, allow in (("PATCH", "users", "GET, PUT"), ("DELETE", "users", "GET, PUT"), ("PUT", "users/" + "0" * 32, "GET, POST, PATCH, DELETE"),
                              ("POST", "devices", "GET, PUT"), ("PUT", "limits", "GET, POST, PATCH"), ("MKCOL", "users", "GET, PUT"),
                              ("FOO", "users", "GET, PUT")):
        r = a.raw(verb, f"{at}/{path}").expect(405)
        assert r.headers["Allow"] == allow and r.json["message"] == "invalid_method", (verb, path, r.headers["Allow"])
    assert a.raw("HEAD", f"{at}/users").expect(200).body == b""
    r = a.raw("OPTIONS", f"{at}/users", headers={"Origin": "http://portal.example", "Access-Control-Request-Method": "PATCH"}).expect(200)
    assert "PATCH" in r.headers["Access-Control-Allow-Methods"] and "X-Auth-Token" in r.headers["Access-Control-Allow-Headers"]


def texts_that_are_no_ids(world):
    """Any text in place of an id, a number or a key of a page: 4xx or an empty answer, never 5xx."""
    a, at = world.acme.admin, world.acme.at
    box = world.acme.make("vmboxes", {"name": "b", "mailbox": "88"})
    places = ["{}", "accounts/{}", "accounts/{}/users"] + [f"{at}/{p}" for p in (
        "{}", "users/{}", "users/{}/devices", "devices/{}", "vmboxes/{}", "vmboxes/{}/messages", f"vmboxes/{box}/messages/{{}}",
        f"vmboxes/{box}/messages/{{}}/raw", "callflows/{}", "media/{}", "media/{}/raw", "resources/{}", "cdrs/{}", "cdrs/legs/{}",
        "cdrs/interaction/{}", "phone_numbers/{}", "phone_numbers/{}/identify", "phone_numbers/classifiers/{}", "apps_store/{}",
        "configs/{}")] + ["schemas/{}", "resources/{}", "phone_numbers/classifiers/{}", "whitelabel/{}"]
    for text in EVIL + ["é", "é" * 100, "x" * 1000, "-", ".", "..", "*", "%", "_", "0" * 33, "F" * 32, "+", "++1", "+1" + "0" * 70]:
        for place in places:
            r = a.get(place.format(urllib.parse.quote(text, safe="")))
            assert r.code < 500, (place, text, r.code, r.body[:200])
        for place in ("users", "callflows", "cdrs", "cdrs/interaction", f"vmboxes/{box}/messages", "children"):
            r = a.get(f"{at}/{place}", start_key=text, page_size="2", created_from=text, modified_to=text, filter_id=text)
            assert r.code == 200, (place, text, r.code, r.body[:200])
        for data in ({"account_realm": text}, {"account_name": text}, {"phone_number": text}):
            r = world.nobody.put("user_auth", data | {"credentials": "0" * 31})
            assert r.code == 400, r.code
        assert world.nobody.post("auth/tokeninfo", {"token": text}).code == 401
        assert "hotdesk.users" in a.put(f"{at}/devices", {"name": "d", "hotdesk": {"users": {text: {}}}}).errors
        assert "owner_id" in a.put(f"{at}/devices", {"name": "d", "owner_id": text}).errors
        r = a.put(f"{at}/callflows", {"numbers": ["77"], "flow": flow("play", id=text)}).expect(201)
        a.get(f"{at}/callflows/{r.data['id']}").expect(200)
        a.delete(f"{at}/callflows/{r.data['id']}").expect(200)
        assert a.post(f"{at}/explain", {"from": text, "to": text}).code in (200, 400), text
        assert a.put(f"{at}/phone_numbers/collection/activate", {"numbers": [text]}).code == 201
    a.delete(f"{at}/vmboxes/{box}").expect(200)


def a_login_by_any_text(world):
    """Whole credentials with any name of the account: 401; who guesses from elsewhere does not slow others down."""
    client = Client(world.server.url, source=world.server.net + "68")
    for text in ("é", "☎", "x" * 5000, "' OR 1=1 --"):
        for key in ("account_realm", "realm", "account_name", "phone_number"):
            r = client.put("user_auth", {key: text, "credentials": "0" * 32})
            assert r.code == 401, (key, text[:20], r.code, r.body[:200])


EVIL = ["Robert'); DROP TABLE user;--", "' OR '1'='1", '" OR ""="', "\\", "\\'", "%s%n%x", "${jndi:ldap://x}", "$(reboot)", "`id`",
        "<script>alert(1)</script>", "../../../etc/passwd", "{{7*7}}", "a;b", "\u202eright to left", "null", "undefined", "x" * 128,
        "☎ \U0001f4de ﷽", "-1", "1e309", "0x41", "NaN", " leading and trailing "]


def injections_stay_text(world):
    """In every text field that takes them they come back as they were; nothing else changes."""
    t = world.tenant()
    rival = world.state_of(world.rival.id)
    for text in EVIL:
        cases = [("users", {"first_name": text, "last_name": text, "profile": {"title": text}, "x": {text: text}}),
                 ("devices", {"name": text, "x": text}), ("vmboxes", {"name": text, "mailbox": str(len(text)) + "e"}),
                 ("callflows", {"name": text, "numbers": [text[:36]], "flow": flow(reason=text), text: text}),
                 ("media", {"name": text, "description": text[:128]})]
        for what, body in cases:
            doc = t.admin.put(f"{t.at}/{what}", body).expect(201).data
            got = t.admin.get(f"{t.at}/{what}/{doc['id']}").expect(200).data
            for key, value in body.items():
                assert got[key] == value, (what, key, value, got[key])
            assert t.admin.get(f"{t.at}/{what}", filter_name=text, filter_x=text).code == 200
            t.admin.delete(f"{t.at}/{what}/{doc['id']}").expect(200)
        t.admin.get(f"{t.at}/users", **{f"filter_{text}": text, "has_key": text, "start_key": text, "page_size": "2"}).expect(200)
        t.admin.get(f"{t.at}/callflows", has_value=text).expect(200)
    assert world.state_of(world.rival.id) == rival


def control_characters_stay_out_of_headers(world):
    """What goes into SIP or mail headers takes no line ends; what goes into replies cannot make one."""
    t = world.tenant()
    u = t.make("users", {"first_name": "A", "last_name": "B"})
    for evil in ("a\r\nBcc: x@y.z", "a\nb", "a\rb", "a\x0bb", "a\x7fb"):
        for what, body, field in (("users", {"first_name": "A", "last_name": "B", "email": evil + "@x"}, "email"),
                                  ("users", {"first_name": "A", "last_name": "B", "caller_id": {"internal": {"name": evil}}}, "caller_id.internal.name"),
                                  ("users", {"first_name": "A", "last_name": "B", "caller_id": {"x": {"number": evil}}}, "caller_id.x.number"),
                                  ("users", {"first_name": "A", "last_name": "B", "call_forward": {"number": evil}}, "call_forward.number"),
                                  ("devices", {"name": "d", "sip": {"route": evil}}, "sip.route"),
                                  ("devices", {"name": "d", "sip": {"username": evil}}, "sip.username"),
                                  ("devices", {"name": "d", "mac_address": evil}, "mac_address"),
                                  ("vmboxes", {"name": "b", "mailbox": evil}, "mailbox"),
                                  ("vmboxes", {"name": "b", "mailbox": "1", "notify_email_addresses": [evil + "@x"]}, "notify_email_addresses.0"),
                                  ("callflows", {"numbers": [evil], "flow": flow()}, "numbers.0")):
            assert field in t.admin.put(f"{t.at}/{what}", body).errors, (what, body)
        assert "realm" in t.admin.put(t.at, {"name": "x", "realm": evil}).errors
    for header in ("X-Auth-Token", "Authorization", "Idempotency-Key", "If-Match", "Accept"):
        r = raw(world, f"GET /v2/{t.at}/users/{u} HTTP/1.1\r\nHost: x\r\n{header}: a\x01b%0d%0aX-Evil: 1\r\nConnection: close\r\n\r\n".encode())
        assert b"\r\nX-Evil" not in r and r.startswith(b"HTTP/1.1 4"), r[:300]


def raw(world, data, wait=3):
    with socket.create_connection((world.server.ip, 8080), timeout=wait) as s:
        s.sendall(data)
        out = b""
        try:
            while chunk := s.recv(65536):
                out += chunk
        except TimeoutError:
            pass
        return out


def broken_http(world):
    """Not HTTP, half requests, lengths that lie: nginx answers or closes; the API goes on."""
    at = world.acme.at
    token = world.acme.admin.token
    for data in (b"\x00" * 100, b"GET\r\n\r\n", os.urandom(2000), b"\x16\x03\x01\x02\x00\x01\x00",
                 b"PUT /v2/user_auth HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n{}",
                 b"PUT /v2/user_auth HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n{}",
                 b"PUT /v2/user_auth HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                 b"GET /v2/about HTTP/1.1\r\n\r\n", b"GET /v2/about HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 70000 + b"\r\n\r\n"):
        r = raw(world, data, 1)
        assert not r or r.startswith(b"HTTP/1.1 4") or b"<center>400" in r or b"<center>414" in r, r[:200]
    cut = f"PUT /v2/{at}/users HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {token}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    before = world.state_of(world.acme.id)
    with socket.create_connection((world.server.ip, 8080)) as s:
        s.sendall(cut.encode() + b'{"data":{"first_name":"half"')
    chunked = (cut.replace("Content-Length: 500", "Transfer-Encoding: chunked") + "8\r\n{\"data\":\r\n3\r\n{}}\r\n0\r\n\r\n").encode()
    assert b" 400 " in raw(world, chunked, 2)[:40]
    assert world.state_of(world.acme.id) == before
    world.acme.admin.get(at).expect(200)


def random_documents(world):
    """Thousands of small mutations of good documents: 2xx or 4xx, never 5xx, and the account can be read after each."""
    import random
    r = random.Random(4711)
    t = world.tenant()
    values = [None, True, False, 0, -1, 2 ** 53, -2 ** 63, 1.5, "", "x", "20", "true", [], {}, [[]], [None], {"": {}}, {"a": None},
              "é" * 200, "x" * 5000, [1, "a", {}], "0" * 32, t.user_id, "\u0001", "+35315550100", {"enabled": "x"}, {"number": []}]
    bodies = {
        "users": {"first_name": "A", "last_name": "B", "username": "u", "password": "p", "email": "a@b.c", "caller_id": {"internal": {"name": "n"}},
                  "call_forward": {"enabled": True, "number": "1"}, "call_restriction": {"x": {"action": "deny"}}, "hotdesk": {"pin": "1234"},
                  "call_recording": {"any": {"any": {"enabled": True}}}, "music_on_hold": {"media_id": "x"}, "timeout": 5, "max_calls": 1},
        "devices": {"name": "d", "sip": {"username": "dd", "password": "12345", "method": "ip", "ip": "1.2.3.4", "realm": t.realm},
                    "hotdesk": {"users": {t.user_id: {}}}, "owner_id": t.user_id, "media": {"audio": {"codecs": ["PCMA"]}}, "provision": {"id": "x"}},
        "vmboxes": {"name": "b", "mailbox": "1", "pin": "1234", "notify_email_addresses": ["a@b.c"], "media": {"unavailable": "x"},
                    "notify": {"callback": {"schedule": [1]}}, "owner_id": t.user_id},
        "callflows": {"numbers": ["1"], "patterns": ["^2"], "flow": {"module": "user", "data": {"id": t.user_id}, "children": {"_": flow()}},
                      "featurecode": {"name": "x", "number": "1"}, "owner_id": t.user_id, "ringback": {"early": "x"}},
        "media": {"name": "m", "tts": {"text": "x"}, "media_source": "tts", "source_id": "0" * 32}}

    def mutate(value, depth=0):
        if isinstance(value, dict) and value and depth < 5 and r.random() < 0.8:
            copy = dict(value)
            key = r.choice(list(copy))
            copy[r.choice([key, "x" * 300, "", "é" * 170, "*", "a.b"]) if r.random() < 0.15 else key] = mutate(copy[key], depth + 1)
            return copy
        if isinstance(value, list) and value and r.random() < 0.5:
            return value + [mutate(value[0], depth + 1)]
        return r.choice(values)
    made = {}
    for i in range(1500):
        what = r.choice(list(bodies))
        body = bodies[what]
        for _ in range(r.randint(1, 3)):
            body = mutate(body)
            if not isinstance(body, dict):
                body = {"x": body}
        if what in made and r.random() < 0.6:
            reply = t.admin.ask(r.choice(["PATCH", "POST"]), f"{t.at}/{what}/{made[what]}", body)
        else:
            reply = t.admin.put(f"{t.at}/{what}", body)
            if reply.code == 201:
                if what in made:
                    t.admin.delete(f"{t.at}/{what}/{made[what]}").expect(200)
                made[what] = reply.data["id"]
        assert reply.code in (200, 201, 400), (what, body, reply.code, reply.body[:300])
        if reply.code in (200, 201):
            again = t.admin.get(f"{t.at}/{what}/{reply.data['id']}").expect(200)
            assert again.data == reply.data, (body, again.data, reply.data)


TESTS = [json_that_is_none, deep_json, content_types, too_large, paths_and_verbs, texts_that_are_no_ids, a_login_by_any_text,
         injections_stay_text,
         control_characters_stay_out_of_headers, broken_http, random_documents]
