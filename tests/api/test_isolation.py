"""A token is good for its account and all below it, and for nothing else; plain users change what is theirs.
SPDX-License-Identifier: GPL-2.0-or-later"""
import os

from crossbar import Client
from test_documents import PLAIN
from world import flow, quoted


class Full:
    """A tenant with one of everything, and each path that leads to it."""

    def __init__(self, world, t):
        t.number = world.give_number(t)
        self.media = t.make("media", {"name": "secret song"})
        self.box = t.make("vmboxes", {"name": "secret box", "mailbox": "901", "owner_id": t.user_id, "pin": "9071"})
        self.device = t.make("devices", {"name": "secret phone", "owner_id": t.user_id,
                                         "sip": {"username": "secretdevice", "password": "secret"}})
        self.flow = t.make("callflows", {"numbers": ["901", t.number], "name": "secret flow", "flow": flow(code=404)})
        self.carrier = world.master.put(f"{t.at}/resources", {
            "name": "secret carrier", "gateways": [{"server": "127.0.0.99"}], "rules": ["^9$"]}).expect(201).data["id"]
        self.message, self.cdr = os.urandom(16).hex(), os.urandom(16).hex()
        key = f"{t.id}/vm/{self.message}.mp3"
        os.makedirs(os.path.dirname(world.server.path("storage", key)), exist_ok=True)
        with open(world.server.path("storage", key), "wb") as f:
            f.write(b"ID3 secret sound")
        world.sql("INSERT INTO vm_message (id, account_id, vmbox_id, timestamp, length_ms, size_bytes, storage_key, "
                  "caller_id_name) VALUES (%s,%s,%s,1700000000,1000,16,%s,'secret caller')", self.message, t.id, self.box, key)
        world.sql("INSERT INTO cdr (id, account_id, interaction_id, call_id, call_direction, start_ms, end_ms, duration_ms, "
                  "billing_ms, sip_code, hangup_cause, hangup_by, owner_id, caller_id_name) VALUES "
                  "(%s,%s,%s,'secret-call','internal',1700000000000,1700000001000,1000,0,200,'NORMAL_CLEARING','caller',%s,"
                  "'secret caller')", self.cdr, t.id, self.cdr, t.admin_id)
        at = t.at
        documents = [(f"users/{t.user_id}", {"first_name": "X", "last_name": "Y"}), (f"devices/{self.device}", {"name": "X"}),
                     (f"vmboxes/{self.box}", {"name": "X", "mailbox": "901"}), (f"media/{self.media}", {"name": "X"}),
                     (f"callflows/{self.flow}", {"numbers": ["901"], "flow": flow(code=404)}),
                     (f"resources/{self.carrier}", {"name": "X", "gateways": [{"server": "127.0.0.98"}]})]
        self.plain = {}
        for kind in PLAIN:
            data = kind.minimal(9) | {"name": "secret " + kind.path}
            self.plain[t.make(kind.path, data)] = kind
        documents += [(f"{kind.path}/{id}", kind.minimal(9)) for id, kind in self.plain.items()]
        self.reads = [at] + [f"{at}/{d}" for d, _ in documents] + [f"{at}/{p}" for p in (
            *(k.path for k in PLAIN), "users", "devices", "vmboxes", "media", "callflows", "resources", "phone_numbers", "cdrs", "cdrs/interaction",
            f"cdrs/{self.cdr}", f"cdrs/legs/{self.cdr}", f"vmboxes/{self.box}/messages",
            f"vmboxes/{self.box}/messages/{self.message}", f"vmboxes/{self.box}/messages/{self.message}/raw",
            f"media/{self.media}/raw", "limits", "children", "descendants", "tree", "parents", "siblings", "apps_store",
            "devices/status", f"users/{t.user_id}/devices", f"phone_numbers/{quoted(t.number)}",
            f"phone_numbers/{quoted(t.number)}/identify", "phone_numbers/classifiers", "channels", "multi_factor", "security",
            "configs/kazoo_endpoint", "about", "alerts", "services/summary")]
        self.writes = [(verb, f"{at}/{d}", data) for d, data in documents for verb in ("POST", "PATCH", "DELETE")]
        self.writes += [("PUT", f"{at}/{d.split('/')[0]}", data | {"mailbox": "902", "numbers": ["902"]})
                        for d, data in documents]
        self.writes += [
            ("PUT", at, {"name": "below the other"}), ("POST", at, {"name": "X"}), ("PATCH", at, {"name": "X"}),
            ("DELETE", at, {}), ("POST", f"{at}/limits", {"calls": 1}), ("PATCH", f"{at}/limits", {"calls": 1}),
            ("PUT", f"{at}/reseller", {}), ("DELETE", f"{at}/reseller", {}),
            ("POST", f"{at}/vmboxes/{self.box}/messages", {"folder": "saved", "messages": [self.message]}),
            ("DELETE", f"{at}/vmboxes/{self.box}/messages", {"messages": [self.message]}),
            ("POST", f"{at}/vmboxes/{self.box}/messages/{self.message}", {"folder": "saved"}),
            ("DELETE", f"{at}/vmboxes/{self.box}/messages/{self.message}", {}),
            *[(verb, f"{at}/phone_numbers/{quoted(t.number)}", {"x": 1}) for verb in ("PUT", "POST", "PATCH", "DELETE")],
            ("PUT", f"{at}/phone_numbers/{quoted(t.number)}/activate", {}),
            ("PUT", f"{at}/phone_numbers/{quoted(t.number)}/reserve", {}),
            ("PUT", f"{at}/phone_numbers/collection", {"numbers": [t.number]}),
            ("DELETE", f"{at}/phone_numbers/collection", {"numbers": [t.number]}),
            ("PUT", f"{at}/phone_numbers/collection/activate", {"numbers": [t.number]}),
            ("POST", f"{at}/explain", {"from": "secretdevice", "to": "901"})]
        self.inside = [("POST", f"media/{self.media}/raw"), ("PUT", f"media/{self.media}/raw")]


def full(world):
    """One for all tests of this file."""
    if not hasattr(world, "full"):
        world.victim = world.tenant()
        world.full = Full(world, world.victim)
    return world.full, world.victim


def everything_is_there(world):
    """The paths of the next tests are good ones: the account's own admin gets an answer on each."""
    f, t = full(world)
    for path in f.reads:
        expected = 404 if path.endswith(f"media/{f.media}/raw") else 200
        assert t.admin.get(path).code == expected, path
    assert b"secret" in t.admin.get(f"{t.at}/vmboxes/{f.box}/messages/{f.message}/raw").body


def strangers(world):
    """Another tenant's admin and plain user, nobody, and a token of nothing: no word of it, no change to it."""
    f, t = full(world)
    before, change = world.state_of(t.id), world.last_change()
    wrong = []
    for name, client, codes in (("rival admin", world.rival.admin, {403}), ("rival user", world.rival.user, {403}),
                                ("nobody", world.nobody, {401}), ("nonsense", Client(world.server.url, "a.b.c"), {401})):
        calls = [("GET", p, None) for p in f.reads] + f.writes + [(v, f"{t.at}/{p}", {}) for v, p in f.inside]
        for verb, path, data in calls:
            r = client.ask(verb, path, data)
            if r.code not in codes or b"secret" in r.body or t.realm.encode() in r.body:
                wrong.append((name, verb, path, r.code, r.body[:150]))
    assert not wrong, "\n".join(map(str, wrong))
    assert world.state_of(t.id) == before and world.last_change() == change


def own_account_with_ids_of_another(world):
    """Ids of another tenant below one's own account are not found, nor can they be referred to."""
    f, t = full(world)
    a, at = world.rival.admin, world.rival.at
    before, change = world.state_of(t.id), world.last_change()
    wrong = []
    for verb, path, data in [("GET", p, None) for p in f.reads] + f.writes:
        rest = path[len(t.at):]
        if not any(x in rest for x in (f.media, f.box, f.device, f.flow, f.carrier, f.message, f.cdr, t.user_id,
                                       quoted(t.number), *f.plain)):
            continue
        r = a.ask(verb, at + rest, data)
        if r.code != 404 and not (r.code in (403, 409) and "phone_numbers" in rest):
            wrong.append((verb, rest, r.code, r.body[:150]))
    assert not wrong, "\n".join(map(str, wrong))
    for what, data, field in (("devices", {"name": "d", "owner_id": t.user_id}, "owner_id"),
                              ("devices", {"name": "d", "hotdesk": {"users": {t.user_id: {}}}}, "hotdesk.users"),
                              ("vmboxes", {"name": "b", "mailbox": "1", "owner_id": t.user_id}, "owner_id"),
                              ("vmboxes", {"name": "b", "mailbox": "1", "media": {"unavailable": f.media}}, "media.unavailable"),
                              ("callflows", {"numbers": ["1"], "owner_id": t.user_id, "flow": flow()}, "owner_id"),
                              ("groups", {"name": "g", "endpoints": {t.user_id: {"type": "user"}}}, f"endpoints.{t.user_id}"),
                              ("groups", {"name": "g", "endpoints": {f.device: {"type": "device"}}}, f"endpoints.{f.device}"),
                              ("temporal_rules_sets", {"name": "s", "temporal_rules": [
                                  i for i, k in f.plain.items() if k.path == "temporal_rules"]}, "temporal_rules.0"),
                              ("menus", {"name": "m", "owner_id": t.user_id}, "owner_id")):
        assert a.put(f"{at}/{what}", data).errors == {field: ["not_found"]}, (what, data)
    r = a.get(f"{at}/users", filter_id=t.user_id).expect(200)
    assert r.data == []
    assert world.state_of(t.id) == before and world.last_change() == change


def same_names_in_two_tenants(world):
    """User names, extensions, mailboxes and SIP names are each account's own."""
    a, b = world.tenant(), world.tenant()
    for t in (a, b):
        t.make("users", {"first_name": "A", "last_name": "B", "username": "same", "password": "pw of " + t.name})
        t.make("vmboxes", {"name": "box", "mailbox": "201"})
        t.make("devices", {"name": "phone", "sip": {"username": "same", "password": "12345"}})
        t.make("callflows", {"numbers": ["201"], "patterns": ["^9"], "flow": flow()})
    assert world.login("same", "pw of " + a.name, a.name).account_id == a.id
    assert world.login("same", "pw of " + b.name, b.name).account_id == b.id
    world.nobody.put("user_auth", {"credentials": "0" * 32, "account_name": b.name}).expect(401)


def parents_see_children_only(world):
    """A reseller works in the accounts below it, not beside or above."""
    top = world.tenant()
    child = top.admin.put(top.at, {"name": top.name + " child", "realm": f"c.{top.realm}"}).expect(201).data["id"]
    grandchild = top.admin.put(f"accounts/{child}", {"name": top.name + " grandchild"}).expect(201).data["id"]
    u = top.admin.put(f"accounts/{grandchild}/users", {"first_name": "A", "last_name": "B", "username": "kid", "password": "kid",
                                                       "priv_level": "admin"}).expect(201).data["id"]
    top.admin.get(f"accounts/{grandchild}/users/{u}").expect(200)
    kid = world.login("kid", "kid", top.name + " grandchild")
    kid.get(f"accounts/{grandchild}").expect(200)
    for other in (child, top.id, world.acme.id, world.master_id):
        for verb, path, data in (("GET", "", None), ("GET", "/users", None), ("PATCH", "", {"name": "x"}),
                                 ("PUT", "/users", {"first_name": "A", "last_name": "B"})):
            r = kid.ask(verb, f"accounts/{other}{path}", data)
            assert r.code == 403, (verb, other, path, r.code)
    assert kid.get(f"accounts/{grandchild}/tree").expect(200).data == []
    assert [x["id"] for x in top.admin.get(f"accounts/{grandchild}/tree").data] == [top.id, child]
    world.rival.admin.get(f"accounts/{grandchild}").expect(403)
    top.user.get(f"accounts/{child}").expect(403)  # plain users do not masquerade
    kid.get(f"accounts/{'0' * 32}").expect(404)
    kid.get("accounts/nonsense").expect(404)


def plain_users_read_and_write_their_own(world):
    """A plain user changes himself, his box and his phone, but not rights, numbers, owners and other people's things."""
    t = world.tenant()
    u, at = t.user, t.at
    box = t.make("vmboxes", {"name": "box", "mailbox": "1", "owner_id": t.user_id, "pin": "1234"})
    phone = t.make("devices", {"name": "phone", "owner_id": t.user_id, "sip": {"username": "mine", "password": "12345"}})
    other_box = t.make("vmboxes", {"name": "box", "mailbox": "2", "owner_id": t.admin_id, "pin": "4321"})
    other_phone = t.make("devices", {"name": "phone", "owner_id": t.admin_id})
    spare = t.make("devices", {"name": "spare"})
    callflow = t.make("callflows", {"numbers": ["1"], "owner_id": t.user_id, "flow": flow()})
    good = [(f"users/{t.user_id}", {"timeout": 30, "call_forward": {"enabled": True, "number": "202"}}),
            (f"users/{t.user_id}", {"first_name": "New", "do_not_disturb": {"enabled": True}, "appList": ["a"]}),
            (f"vmboxes/{box}", {"pin": "5678", "notify_email_addresses": ["me@example.org"]}),
            (f"devices/{phone}", {"do_not_disturb": {"enabled": True}, "name": "my phone"})]
    for path, data in good:
        u.patch(f"{at}/{path}", data).expect(200)
        whole = u.get(f"{at}/{path}").expect(200).data
        u.post(f"{at}/{path}", whole).expect(200)  # what the portal does: GET, change, POST all back
    assert u.get(f"{at}/vmboxes/{box}").data["pin"] == "5678" and "pin" not in u.get(f"{at}/vmboxes/{other_box}").data
    bad = [(f"users/{t.user_id}", {"priv_level": "admin"}), (f"users/{t.user_id}", {"enabled": False}),
           (f"users/{t.user_id}", {"caller_id": {"external": {"number": "+353861234567"}}}),
           (f"users/{t.user_id}", {"presence_id": "999"}), (f"users/{t.user_id}", {"call_restriction": {"did_ie": {"action": "deny"}}}),
           (f"users/{t.user_id}", {"max_calls": 9}), (f"vmboxes/{box}", {"mailbox": "3"}), (f"vmboxes/{box}", {"owner_id": t.admin_id}),
           (f"vmboxes/{box}", {"owner_id": None}), (f"devices/{phone}", {"sip": {"username": "other", "password": "12345"}}),
           (f"devices/{phone}", {"owner_id": t.admin_id}), (f"devices/{phone}", {"caller_id": {"internal": {"number": "1"}}}),
           (f"devices/{phone}", {"enabled": False}), (f"devices/{phone}", {"hotdesk": {"users": {t.admin_id: {}}}})]
    before = world.state_of(t.id)
    for path, data in bad:
        r = u.patch(f"{at}/{path}", data)
        assert r.code == 400 and "forbidden" in str(r.errors), (path, data, r.body[:300])
    for path in (f"users/{t.admin_id}", f"vmboxes/{other_box}", f"devices/{other_phone}", f"devices/{spare}", f"callflows/{callflow}"):
        for verb in ("PATCH", "POST", "DELETE"):
            assert u.ask(verb, f"{at}/{path}", {"name": "x", "mailbox": "9", "first_name": "a", "last_name": "b"}).code == 403, path
    for path in (f"users/{t.user_id}", f"vmboxes/{box}", f"devices/{phone}"):
        u.delete(f"{at}/{path}").expect(403)
    for what in ("users", "devices", "vmboxes", "callflows", "media", "resources", *(k.path for k in PLAIN)):
        u.put(f"{at}/{what}", {"name": "x", "first_name": "a", "last_name": "b", "mailbox": "8"}).expect(403)
    u.patch(at, {"name": "mine"}).expect(403)
    u.put(at, {"name": "child"}).expect(403)
    u.get(f"{at}/resources").expect(403)
    u.get("resources").expect(403)
    assert world.state_of(t.id) == before


def plain_users_see_their_own_calls_and_messages(world):
    """Call records and messages of others are not for plain users of the same account."""
    f, t = full(world)
    assert t.user.get(f"{t.at}/cdrs").expect(200).data == []
    t.user.get(f"{t.at}/cdrs/{f.cdr}").expect(404)
    t.user.get(f"{t.at}/cdrs/legs/{f.cdr}").expect(404)
    assert [m["media_id"] for m in t.user.get(f"{t.at}/vmboxes/{f.box}/messages").expect(200).data] == [f.message]
    other = t.make("vmboxes", {"name": "not his", "mailbox": "977", "owner_id": t.admin_id})
    t.user.get(f"{t.at}/vmboxes/{other}/messages").expect(403)
    t.user.delete(f"{t.at}/vmboxes/{other}/messages", {"messages": []}).expect(403)


def one_does_not_end_oneself(world):
    """Admins cannot delete their own user or account, nor raise their own account's limits."""
    t = world.tenant()
    t.admin.delete(t.at).expect(403)
    t.admin.delete(f"{t.at}/users/{t.admin_id}").expect(403)
    t.admin.post(f"{t.at}/limits", {"calls": 1000}).expect(403)
    t.admin.put(f"{t.at}/reseller", {}).expect(403)
    assert t.admin.patch(t.at, {"enabled": False}).errors == {"enabled": ["forbidden"]}
    t.admin.put("resources", {"name": "x", "gateways": [{"server": "127.0.0.9"}]}).expect(403)
    t.admin.put(f"{t.at}/resources", {"name": "x", "gateways": [{"server": "127.0.0.9"}]}).expect(403)
    t.admin.get("resources").expect(403)


TESTS = [everything_is_there, strangers, own_account_with_ids_of_another, same_names_in_two_tenants,
         parents_see_children_only, plain_users_read_and_write_their_own, plain_users_see_their_own_calls_and_messages,
         one_does_not_end_oneself]
