"""Ways in: API keys, acting as a client's user, lists of addresses; search and counts; the portal's applications.
SPDX-License-Identifier: GPL-2.0-or-later"""
from crossbar import Client


def api_keys(world):
    """A key logs the account in with an admin's rights; a new key ends the old one and its tokens; another tenant's is another."""
    t = world.tenant()
    key = t.admin.get(f"{t.at}/api_key").expect(200).data["api_key"]
    assert len(key) == 64 and t.admin.get(f"{t.at}/api_key").data["api_key"] == key
    assert world.rival.admin.get(f"{world.rival.at}/api_key").data["api_key"] != key
    r = world.nobody.put("api_auth", {"api_key": key}).expect(201)
    assert r.data["account_id"] == t.id and r.data["owner_id"] == "" and r.data["capabilities"]
    script = Client(world.server.url, r.json["auth_token"])
    made = script.put(f"{t.at}/menus", {"name": "by a script"}).expect(201).data["id"]
    script.get(world.rival.at).expect(403)
    script.get("auth/tokeninfo").expect(200)
    assert world.sql("SELECT actor FROM change_log WHERE object_id = %s", made) == [{"actor": ""}]
    new = t.admin.put(f"{t.at}/api_key", {}).expect(201).data["api_key"]
    assert new != key
    script.get(t.at).expect(401)
    world.nobody.put("api_auth", {"api_key": key}).expect(401)
    world.nobody.put("api_auth", {"api_key": new}).expect(201)
    for bad, rule in (("x" * 63, "minLength"), ("x" * 65, "maxLength"), (7, "required"), (None, "required")):
        assert world.nobody.put("api_auth", {"api_key": bad}).errors == {"api_key": [rule]}
    t.user.get(f"{t.at}/api_key").expect(403)
    t.user.put(f"{t.at}/api_key", {}).expect(403)
    world.rival.admin.get(f"{t.at}/api_key").expect(403)
    row = world.sql("SELECT api_key_nonce, api_key_hash FROM account WHERE id = %s", t.id)[0]
    assert new not in row.values() and new not in world.server.log()


def acting_as_a_clients_user(world):
    """Those above get a token of the user's own rights; the account's own admin and strangers do not."""
    t = world.tenant()
    path, act = f"{t.at}/users/{t.user_id}/user_auth", {"action": "impersonate_user"}
    r = world.master.put(path, act).expect(201)
    assert r.data["account_id"] == t.id and r.data["owner_id"] == t.user_id
    guest = Client(world.server.url, r.json["auth_token"])
    guest.get(f"{t.at}/users/{t.user_id}").expect(200)
    guest.put(f"{t.at}/menus", {"name": "m"}).expect(403)
    for client in (t.admin, t.user, world.rival.admin):
        client.put(path, act).expect(403)
    world.nobody.put(path, act).expect(401)
    assert world.master.put(path, {"action": "x"}).errors == {"action": ["enum"]}
    world.master.put(f"{t.at}/users/{world.rival.user_id}/user_auth", act).expect(404)
    t.admin.patch(f"{t.at}/users/{t.user_id}", {"enabled": False}).expect(200)
    world.master.put(path, act).expect(423)


def from_where(world):
    """An access list lets in who is in it, by token, password and key; nobody shuts himself out; those above get in."""
    t = world.tenant()
    a, path = t.admin, f"{t.at}/access_lists"
    assert a.get(path).expect(200).data == {}
    mine = {"order": "allow,deny", "cidrs": ["127.0.0.0/8"]}
    assert a.post(path, {"order": "allow,deny", "cidrs": ["192.0.2.0/24"]}).errors == {"cidrs": ["forbidden"]}
    assert a.post(path, {"order": "deny,allow", "cidrs": ["127.0.0.1"]}).errors == {"cidrs": ["forbidden"]}
    assert a.post(path, {"order": "allow", "cidrs": ["nowhere", "10.0.0.0/33"]}).errors == {
        "order": ["enum"], "cidrs.0": ["format"], "cidrs.1": ["format"]}
    assert a.post(path, {}).errors == {"order": ["required"], "cidrs": ["required"]}
    assert a.post(path, mine).expect(200).data == mine and a.get(path).data == mine
    a.get(t.at).expect(200)
    key = a.get(f"{t.at}/api_key").data["api_key"]
    world.master.post(path, {"order": "allow,deny", "cidrs": ["192.0.2.0/24", "2001:db8::/32"]}).expect(200)
    for r in (a.get(t.at), t.user.get(t.at), world.nobody.put("api_auth", {"api_key": key})):
        r.expect(403)
        assert "address" in r.data["message"]
    from test_login import login
    login(world, account_name=t.name).expect(403)
    world.master.get(t.at).expect(200)
    world.rival.admin.get(world.rival.at).expect(200)
    world.master.delete(path).expect(200)
    a.get(t.at).expect(200)
    t.user.post(path, mine).expect(403)
    world.rival.admin.post(path, mine).expect(403)


def search(world):
    """Accounts below one's own by name, realm and id; callflows by number and name; wildcards are only letters."""
    m, t = world.master, world.tenant()
    found = m.get("search", t="account", q="name", v=t.name.upper()).expect(200).data
    assert t.id in [row["id"] for row in found] and {"id", "name", "realm"} <= set(found[0])
    assert t.admin.get("search", t="account", q="name", v="rival").data == []
    assert [row["id"] for row in t.admin.get("search", t="account", q="id", v=t.id[:12]).data] == [t.id]
    several = m.get("search/multi", t="account", by_name=t.name, by_realm=t.realm, by_id=t.id).expect(200).data
    assert all(t.id in [row["id"] for row in rows] for rows in several.values()) and len(several) == 3
    one = t.make("callflows", {"name": "Front desk", "numbers": ["4711"], "flow": {"module": "response", "data": {}, "children": {}}})
    get = lambda **q: [row["id"] for row in t.admin.get(f"{t.at}/search", t="callflow", **q).expect(200).data]  # noqa: E731
    assert get(q="number", v="4711") == [one] and get(q="number", v="471") == [one] and get(q="number", v="Front") == []
    assert get(q="name_and_number", v="front") == [one]
    assert get(q="number", v="%") == [] and get(q="number", v="4_11") == [] and get(q="number", v="\\") == []
    assert world.rival.admin.get(f"{world.rival.at}/search", t="callflow", q="number", v="4711").data == []
    assert t.admin.get("search").errors == {"t": ["required"], "q": ["required"], "v": ["required"]}
    assert t.admin.get("search", t="user", q="name", v="x").errors == {"t": ["enum"]}
    assert t.admin.get("search", t="callflow", q="number", v="x").errors == {"q": ["enum"]}
    c = t.admin.get(f"{t.at}/counts").expect(200).data
    assert c["users"] == 2 and c["callflows"] == 1 and c["devices"] == 0 and c["children"] == 0, c


def applications(world):
    """Who may use an application is the account's choice; what is hidden is for those above to say."""
    t = world.tenant()
    apps = {a["name"]: a for a in t.admin.get(f"{t.at}/apps_store").expect(200).data}
    assert {"voip", "callflows", "accounts", "numbers", "voicemails", "fax"} <= set(apps)
    one = f"{t.at}/apps_store/{apps['voip']['id']}"
    changed = t.admin.post(one, {"allowed_users": "specific", "users": [{"id": t.user_id}]}).expect(200).data
    assert changed["allowed_users"] == "specific" and changed["users"] == [{"id": t.user_id}] and changed["name"] == "voip"
    assert [a for a in t.admin.get(f"{t.at}/apps_store").data if a["name"] == "voip"][0]["allowed_users"] == "specific"
    assert t.admin.post(one, {"allowed_users": "x"}).errors == {"allowed_users": ["enum"]}
    assert t.admin.post(one, {"users": [{"id": world.rival.user_id}]}).errors == {"users.0.id": ["not_found"]}
    assert t.admin.delete(one).expect(200).data["allowed_users"] == "all"
    hide = {"blacklist": [apps["fax"]["id"]]}
    t.admin.post(f"{t.at}/apps_store/blacklist", hide).expect(403)
    assert world.master.post(f"{t.at}/apps_store/blacklist", hide).expect(200).data == hide
    assert "fax" not in [a["name"] for a in t.admin.get(f"{t.at}/apps_store").data]
    assert "fax" in [a["name"] for a in world.rival.admin.get(f"{world.rival.at}/apps_store").data]
    t.user.post(one, {"allowed_users": "all"}).expect(403)
    t.admin.get(f"{t.at}/apps_store/nothing").expect(404)


def hot_desks_and_presence(world):
    """At which phones a user is logged in; the portal's word after do-not-disturb; without Kamailio nothing is live."""
    t = world.tenant()
    phone = t.make("devices", {"name": "desk", "hotdesk": {"users": {t.user_id: {}}}, "sip": {"username": "desk1", "password": "secret"}})
    assert t.admin.get(f"{t.at}/users/{t.user_id}/hotdesks").expect(200).data == [{"device_id": phone, "device_name": "desk"}]
    assert t.admin.get(f"{t.at}/users/{t.admin_id}/hotdesks").data == []
    t.admin.get(f"{t.at}/users/{world.rival.user_id}/hotdesks").expect(404)
    say = {"action": "set", "state": "confirmed"}
    assert t.user.post(f"{t.at}/users/{t.user_id}/presence", say).expect(200).data == say
    t.user.post(f"{t.at}/users/{t.admin_id}/presence", say).expect(403)
    assert t.admin.post(f"{t.at}/users/{t.user_id}/presence", {"state": "x"}).errors == {"action": ["required"], "state": ["enum"]}
    t.admin.patch(f"{t.at}/users/{t.user_id}", {"presence_id": "201", "do_not_disturb": {"enabled": True}}).expect(200)
    assert t.admin.get(f"{t.at}/presence").data["201"]["state"] == "confirmed"
    for path in ("channels", f"users/{t.user_id}/channels", f"devices/{phone}/channels", "registrations"):
        assert t.admin.get(f"{t.at}/{path}").expect(200).data == [], path
    t.admin.get(f"{t.at}/channels/nothing").expect(404)
    t.admin.put(f"{t.at}/channels/nothing", {"action": "hangup"}).expect(404)
    assert t.admin.put(f"{t.at}/channels/nothing", {"action": "fly"}).errors == {"action": ["enum"]}
    t.user.put(f"{t.at}/channels/nothing", {"action": "hangup"}).expect(403)
    assert t.admin.post(f"{t.at}/devices/{phone}/sync", {}).expect(202).data == {"contacts": 0}
    t.user.post(f"{t.at}/devices/{phone}/sync", {}).expect(403)
    world.rival.admin.post(f"{world.rival.at}/devices/{phone}/sync", {}).expect(404)


TESTS = [api_keys, acting_as_a_clients_user, from_where, search, applications, hot_desks_and_presence]
