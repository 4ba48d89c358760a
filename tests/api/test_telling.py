"""Webhooks and port requests; searching for numbers. SPDX-License-Identifier: GPL-2.0-or-later"""
import hashlib
import hmac
import http.server
import json
import threading
import time

from stack import wait_for
from world import quoted


class Listener:
    """An HTTP server that keeps what it is told and answers what it should."""

    def __init__(self, ip):
        me, self.got, self.answers = self, [], []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                me.got.append((dict(self.headers), body))
                self.send_response(me.answers.pop(0) if me.answers else 200)
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer((ip, 0), Handler)
        self.url = f"http://{ip}:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def a_webhook_is_told(world):
    """An event reaches the hook once, signed; another tenant's does not; a failed one is tried again and can be replayed."""
    listener = Listener(world.server.net + "70")
    try:
        t = world.tenant()
        time.sleep(1.1)  # a hook may also be told what happened in the second in which it was made
        hook = t.admin.put(f"{t.at}/webhooks", {"name": "h", "hook": "doc_created", "uri": listener.url, "format": "json",
                                                "secret": "0123456789abcdef", "custom_data": {"mine": "yes"}}).expect(201).data
        assert hook["enabled"] is True and hook["retries"] == 2
        world.rival.make("menus", {"name": "of another"})
        menu = t.make("menus", {"name": "m"})
        wait_for("the event", lambda: len(listener.got) > 0, 20)
        headers, body = listener.got[0]
        told = json.loads(body)
        assert told["id"] == menu and told["account_id"] == t.id and told["type"] == "menu" and told["mine"] == "yes", told
        at, mac = (p.split("=")[1] for p in headers["X-Centrex-Signature"].split(","))
        assert mac == hmac.new(b"0123456789abcdef", f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        at = f"{t.at}/webhooks/{hook['id']}/attempts"
        tries = wait_for("the attempt", lambda: t.admin.get(at).expect(200).data, 10)
        assert tries[0]["result"] == "success" and tries[0]["response_code"] == "200", tries
        t.admin.post(f"{at}/{tries[0]['id']}", {}).expect(202)
        wait_for("the replay", lambda: len(listener.got) > 1, 20)
        assert json.loads(listener.got[1][1])["event_id"] == told["event_id"] and len(listener.got) == 2
        for client, code in ((t.user, 403), (world.rival.admin, 403), (world.nobody, 401)):
            client.get(at).expect(code)
        world.rival.admin.get(f"{world.rival.at}/webhooks/{hook['id']}/attempts").expect(404)
        world.rival.admin.post(f"{world.rival.at}/webhooks/{hook['id']}/attempts/{tries[0]['id']}", {}).expect(404)
    finally:
        listener.close()


def a_hook_that_never_answers_is_disabled(world):
    """Ten deliveries given up in a row: disabled, with the reason; enabled again it is told again."""
    listener = Listener(world.server.net + "71")
    try:
        t = world.tenant()
        listener.answers = [500] * 30
        hook = t.make("webhooks", {"name": "h", "hook": "doc_created", "uri": listener.url, "retries": 0})
        for n in range(11):
            t.make("menus", {"name": f"m{n}"})
        path = f"{t.at}/webhooks/{hook}"
        wait_for("disabled", lambda: t.admin.get(path).data["enabled"] is False, 30)
        assert "500" in t.admin.get(path).data["disable_reason"]
        assert t.admin.patch(f"{t.at}/webhooks", {"re-enable": True}).expect(200).data == {"enabled": 1}
        again = t.admin.get(path).data
        assert again["enabled"] is True and "disable_reason" not in again
    finally:
        listener.close()


def webhook_fields(world):
    """What a hook must say; the secret is for admins."""
    t = world.tenant()
    bad = t.admin.put(f"{t.at}/webhooks", {"hook": "x", "uri": "ftp://example", "retries": 5, "secret": "short"}).errors
    assert bad == {"name": ["required"], "hook": ["enum"], "uri": ["pattern"], "retries": ["maximum"], "secret": ["minLength"]}, bad
    hook = t.make("webhooks", {"name": "h", "hook": "all", "uri": "http://127.0.0.1:1/"})
    assert len(t.admin.get(f"{t.at}/webhooks/{hook}").data["secret"]) == 64
    assert "secret" not in t.user.get(f"{t.at}/webhooks/{hook}").data
    assert {h["id"] for h in world.nobody.get("webhooks").expect(200).data} >= {"object", "channel_destroy"}


def a_number_is_ported(world):
    """From unconfirmed to completed: who may say what, comments, documents, history; then the number is the account's spare."""
    t, m = world.tenant(), world.master
    number = world.number()
    at = f"{t.at}/port_requests"
    p = t.admin.put(at, {"name": "our number", "numbers": {number: {}}}).expect(201).data
    one = f"{at}/{p['id']}"
    assert p["port_state"] == "unconfirmed" and p["numbers"] == {number: {}}
    rival = world.rival.admin.put(f"{world.rival.at}/port_requests", {"name": "x", "numbers": {number: {}}}).errors
    assert rival == {f"numbers.{number}": ["unique"]}, rival
    t.admin.patch(f"{one}/submitted", {}).expect(200)
    assert "forbidden" in str(t.admin.patch(f"{one}/pending", {}).errors)
    assert m.patch(f"{one}/pending", {"reason": "at the carrier"}).expect(200).data["port_state"] == "pending"
    assert "numbers" in t.admin.patch(one, {"numbers": {world.number(): {}}}).errors
    assert "port_state" in t.admin.delete(one).errors
    assert t.admin.put(f"{one}/comments", {"comments": [{"content": "when?"}]}).expect(201).data[-1]["content"] == "when?"
    pdf = b"%PDF-1.4 a letter"
    t.admin.send("PUT", f"{one}/attachments?filename=loa.pdf", pdf, {"Content-Type": "application/pdf"}).expect(201)
    assert t.admin.get(f"{one}/attachments/loa.pdf").expect(200).body == pdf
    t.admin.send("PUT", f"{one}/attachments?filename=x.pdf", b"<html>", {"Content-Type": "application/pdf"}).expect(415)
    assert "loa.pdf" in t.admin.get(one).data["uploads"] and t.id not in str(t.admin.get(one).data["uploads"])
    m.patch(f"{one}/scheduled", {}).expect(200)
    assert [x["id"] for x in t.admin.get(f"{at}/scheduled").expect(200).data] == [p["id"]]
    assert p["id"] in [x["id"] for x in m.get(f"accounts/{world.master_id}/descendants/port_requests").expect(200).data]
    assert p["id"] not in [x["id"] for x in world.rival.admin.get("port_requests").expect(200).data]
    m.patch(f"{one}/completed", {}).expect(200)
    assert t.admin.get(f"{t.at}/phone_numbers").data["numbers"][number]["used_by"] == ""
    assert [h["state"] for h in t.admin.get(f"{one}/timeline").data] == ["unconfirmed", "submitted", "pending", "scheduled", "completed"]
    for client, code in ((world.rival.admin, 403), (world.nobody, 401)):
        for path in (at, one, f"{one}/attachments/loa.pdf", f"{one}/timeline"):
            client.get(path).expect(code)
    world.rival.admin.get(f"{world.rival.at}/port_requests/{p['id']}").expect(404)
    world.rival.admin.get(f"{world.rival.at}/port_requests/{p['id']}/attachments/loa.pdf").expect(404)
    t.user.patch(f"{one}/canceled", {}).expect(403)


def free_numbers(world):
    """The stock by prefix and city, how many, from where on, and runs that follow each other; what is taken is not offered."""
    t = world.tenant()
    base = [f"+3536199{n:05}" for n in (10, 11, 12, 20, 21, 22, 23, 30)]
    for number in base:
        world.master.put(f"{t.at}/phone_numbers/{quoted(number)}", {"create_with_state": "available", "city": "Limerick"}).expect(201)
    get = lambda **q: t.admin.get(f"{t.at}/phone_numbers", **q).expect(200).data  # noqa: E731
    assert [n["number"] for n in get(prefix="06199", quantity=3)] == base[:3]
    assert [n["number"] for n in get(prefix="6199", quantity=3, offset=3)] == base[3:6]
    assert get(prefix="6199", quantity=20, city="Cork") == [] and len(get(prefix="6199", quantity=20, city="limerick")) == 8
    assert get(prefix="6199", quantity=3, blocks=5) == [{"start_number": base[0], "end_number": base[2], "size": 3},
                                                        {"start_number": base[3], "end_number": base[5], "size": 3}]
    t.admin.put(f"{t.at}/phone_numbers/{quoted(base[1])}/activate", {}).expect(201)
    assert base[1] not in [n["number"] for n in get(prefix="6199", quantity=20)]
    assert t.admin.get(f"{t.at}/phone_numbers/prefix", city="Limerick").expect(200).data["prefixes"] == ["+35361"]
    assert base[1] in t.admin.post(f"{t.at}/phone_numbers/fix", {}).expect(200).data


TESTS = [a_webhook_is_told, a_hook_that_never_answers_is_disabled, webhook_fields, a_number_is_ported, free_numbers]
