"""What is each resource's own: callflows, numbers, accounts, limits, carriers, schemas, small endpoints.
SPDX-License-Identifier: GPL-2.0-or-later"""
import os
import re

from world import flow, quoted

EMERGENCY = ["112", "999", "911"]


# ---- callflows

def extensions_cannot_be_emergency_numbers(world):
    """Nor in a POST or PATCH, nor behind spaces."""
    t = world.tenant()
    id = t.make("callflows", {"numbers": ["200"], "flow": flow()})
    for number in EMERGENCY + ["1 1 2", "9-9-9"]:
        for r in (t.admin.put(f"{t.at}/callflows", {"numbers": ["201", number], "flow": flow()}),
                  t.admin.patch(f"{t.at}/callflows/{id}", {"numbers": ["200", number]}),
                  t.admin.post(f"{t.at}/callflows/{id}", {"numbers": ["200", number], "flow": flow()})):
            assert r.errors == {"numbers.1": ["forbidden"]}, (number, r.body)
            assert number in r.data["numbers.1"]["forbidden"]["message"]
    assert t.admin.get(f"{t.at}/callflows/{id}").data["numbers"] == ["200"]


def numbers_are_unique_in_an_account(world):
    """A number or pattern of another callflow is 400 `unique` with the cause; one's own stays."""
    t = world.tenant()
    a = t.make("callflows", {"numbers": ["1", "+35315551234", "x*y"], "patterns": ["^9(.*)"], "flow": flow()})
    for numbers, patterns, field, cause in ((["2", "1"], [], "numbers", "1"), (["01 555 1234"], [], "numbers", "+35315551234"),
                                            (["x*y"], [], "numbers", "x*y"), (["3"], ["^9(.*)"], "patterns", "^9(.*)")):
        r = t.admin.put(f"{t.at}/callflows", {"numbers": numbers, "patterns": patterns, "flow": flow()})
        assert r.errors == {field: ["unique"]} and r.data[field]["unique"]["cause"] == cause, r.body
    b = t.make("callflows", {"numbers": ["2"], "flow": flow()})
    assert t.admin.patch(f"{t.at}/callflows/{b}", {"numbers": ["2", "1"]}).errors == {"numbers": ["unique"]}
    assert t.admin.get(f"{t.at}/callflows/{b}").data["numbers"] == ["2"]
    t.admin.patch(f"{t.at}/callflows/{a}", {"numbers": ["+35315551234", "x*y"]}).expect(200)
    assert t.admin.patch(f"{t.at}/callflows/{b}", {"numbers": ["2", "1"]}).expect(200).data["numbers"] == ["2", "1"]
    t.admin.delete(f"{t.at}/callflows/{a}").expect(200)
    t.make("callflows", {"numbers": ["x*y"], "patterns": ["^9(.*)"], "flow": flow()})


def numbers_are_normalised(world):
    """External numbers become E.164 by the account's country; extensions and names stay as they are."""
    for country, given, expected in (("IE", "01 555-1234", "+35315551234"), ("IE", "+353 86 123 4567", "+353861234567"),
                                     ("US", "2025550123", "+12025550123"), ("IE", "201", "201"), ("IE", "*72", "*72"),
                                     ("IE", "undefinedMainNumber", "undefinedMainNumber"), ("IE", "no_match", "no_match")):
        t = world.tenant(country=country)
        id = t.make("callflows", {"numbers": [given], "flow": flow()})
        assert t.admin.get(f"{t.at}/callflows/{id}").data["numbers"] == [expected]


def a_bad_tree_is_refused_by_path(world):
    """What cannot be run is not saved: the error names the node."""
    t = world.tenant()
    cases = [({"module": "user", "data": {"id": "x" * 32}, "children": {"_": {"module": "voicemail", "data": {}, "children": {
        "_": {"module": "pivot", "data": {}, "children": {}}}}}}, "flow.children._.children._.module"),
             ({"data": {}, "children": {}}, "flow.module"), ({"module": 5, "data": {}, "children": {}}, "flow.module"),
             ({"module": "response", "data": {}, "children": []}, "flow.children"),
             ({"module": "response", "data": "x", "children": {}}, "flow.data")]
    for tree, path in cases:
        r = t.admin.put(f"{t.at}/callflows", {"numbers": ["1"], "flow": tree})
        assert list(r.errors) == [path] and r.data[path], (tree, r.body)


def a_deep_tree(world):
    """50 nodes in a row are kept; a thousand are refused politely."""
    t = world.tenant()

    def tree(n):
        node = flow()
        for _ in range(n - 1):
            node = {"module": "response", "data": {}, "children": {"_": node}}
        return node
    id = t.make("callflows", {"numbers": ["50"], "flow": tree(50)})
    assert t.admin.get(f"{t.at}/callflows/{id}").data["flow"] == tree(50)
    r = t.admin.put(f"{t.at}/callflows", {"numbers": ["51"], "flow": tree(300)})
    assert r.code == 400, r.body[:200]


def posting_back_what_was_read(world):
    """The portal posts a callflow with its metadata: that is dropped and made anew."""
    t = world.tenant()
    id = t.make("callflows", {"numbers": ["1"], "flow": {"module": "user", "data": {"id": t.user_id}, "children": {}}})
    doc = t.admin.get(f"{t.at}/callflows/{id}").data
    assert t.user_id in doc["metadata"]
    again = t.admin.post(f"{t.at}/callflows/{id}", doc | {"metadata": {"junk": 1}}).expect(200).data
    assert again == doc
    assert b"junk" not in str(world.sql("SELECT doc FROM callflow WHERE id = %s", id)).encode()


# ---- numbers

def a_number_lives(world):
    """Created, listed, used by a callflow, changed, released; the inventory keeps it for the next."""
    t, other, number = world.tenant(), world.tenant(), world.number()
    at = f"{t.at}/phone_numbers/{quoted(number)}"
    t.admin.put(at, {}).expect(403)  # only the operator brings numbers in
    t.admin.put(at + "/activate", {}).expect(404)
    doc = world.master.put(at, {"carrier_name": "acme"}).expect(201).data
    assert doc["id"] == number and doc["state"] == "in_service" and doc["assigned_to"] == t.id and doc["used_by"] == ""
    row = t.admin.get(f"{t.at}/phone_numbers").expect(200).data["numbers"][number]
    assert row["state"] == "in_service" and row["features"] == [] and row["features_available"] == [] and row["created"] > 6e10
    flow_id = t.make("callflows", {"numbers": ["1", number], "flow": flow()})
    assert t.admin.get(at).data["used_by"] == "callflow"
    assert t.admin.get(f"{t.at}/phone_numbers").data["numbers"][number]["used_by"] == "callflow"
    t.admin.delete(f"{t.at}/callflows/{flow_id}").expect(200)
    assert t.admin.get(at).data["used_by"] == ""
    world.master.patch(at, {"force_outbound": "true"}).expect(200)
    assert t.admin.get(at).data["force_outbound"] is True
    t.admin.patch(at, {"force_outbound": None}).expect(200)
    assert t.admin.get(at).data["force_outbound"] is False
    changed = t.admin.patch(at, {"cnam": {"display_name": "ACME", "inbound_lookup": "true"}, "x": [1], "carrier_name": None})
    assert changed.expect(200).data["features"] == ["cnam"] and changed.data["cnam"]["inbound_lookup"] is True
    assert changed.data["x"] == [1] and "carrier_name" not in changed.data
    replaced = t.admin.post(at, {"prepend": {"enabled": True, "name": "p"}, "force_outbound": True,
                                 "state": "released", "assigned_to": other.id}).expect(200).data
    assert replaced["features"] == ["prepend", "force_outbound"] and replaced["state"] == "in_service" and "x" not in replaced
    assert replaced["assigned_to"] == t.id
    assert t.admin.get(at + "/identify").data == {"account_id": t.id, "number": number}
    other.admin.put(f"{other.at}/phone_numbers/{quoted(number)}/activate", {}).expect(409)
    t.admin.delete(at).expect(200)
    t.admin.get(at).expect(404)
    assert number not in t.admin.get(f"{t.at}/phone_numbers").data["numbers"]
    taken = other.admin.put(f"{other.at}/phone_numbers/{quoted(number)}/activate", {}).expect(201).data
    assert taken["state"] == "in_service" and "prepend" not in taken, taken


def reserved_numbers(world):
    """A free number can be reserved, then activated; its state is told."""
    t, number = world.tenant(), world.number()
    at = f"{t.at}/phone_numbers/{quoted(number)}"
    world.master.put(f"accounts/{world.master_id}/phone_numbers/{quoted(number)}", {"create_with_state": "available"}).expect(201)
    assert t.admin.put(at + "/reserve", {}).expect(201).data["state"] == "reserved"
    assert t.admin.put(at + "/activate", {}).expect(201).data["state"] == "in_service"


def bad_numbers(world):
    """What is no number, an emergency number, a bad field: 400 by field."""
    a, at = world.master, f"{world.acme.at}/phone_numbers"
    for number in ("112", "999", "abc", "%2B", "%2B1", "%2B" + "1" * 20, "201", "%2B35315550%00", "%2B353155'--"):
        r = a.put(f"{at}/{number}", {})
        assert r.code == 400, (number, r.code, r.body)
    number = world.number()
    for bad, field in (({"cnam": {"display_name": "x" * 16}}, "cnam.display_name"), ({"cnam": "x"}, "cnam"),
                       ({"create_with_state": "burnt"}, "create_with_state"), ({"force_outbound": "?"}, "force_outbound")):
        assert field in a.put(f"{at}/{quoted(number)}", bad).errors, bad
    a.get(f"{at}/{quoted(number)}").expect(404)


def several_numbers_at_once(world):
    """A collection tells each number's own success or error."""
    t = world.tenant()
    good, taken = [world.number(), world.number()], world.give_number(world.rival)
    r = world.master.put(f"{t.at}/phone_numbers/collection", {"numbers": good + [taken, "nonsense"]}).expect(201).data
    assert set(r["success"]) == set(good) and set(r["error"]) == {taken, "nonsense"}, r
    assert r["error"][taken]["code"] == 409 and r["error"]["nonsense"]["code"] == 400
    assert set(t.admin.get(f"{t.at}/phone_numbers").data["numbers"]) == set(good)
    r = t.admin.delete(f"{t.at}/phone_numbers/collection", {"numbers": [good[0], taken]}).expect(200).data
    assert set(r["success"]) == {good[0]} and set(r["error"]) == {taken}
    r = t.admin.put(f"{t.at}/phone_numbers/collection/activate", {"numbers": [good[0]]}).expect(201).data
    assert set(r["success"]) == {good[0]}
    assert "numbers" in t.admin.put(f"{t.at}/phone_numbers/collection/activate", {"numbers": good[0]}).errors
    assert world.rival.admin.get(f"{world.rival.at}/phone_numbers/{quoted(taken)}").code == 200


def classifiers(world):
    """Every class has its name and an expression; numbers are classified by the account's country."""
    for at in (f"{world.acme.at}/phone_numbers/classifiers", "phone_numbers/classifiers"):
        classes = world.acme.admin.get(at).expect(200).data
        assert classes["emergency"]["emergency"] is True
        for name, c in classes.items():
            assert c["name"] == name and c["friendly_name"] and re.compile(c["regex"]), c
    at = f"{world.acme.at}/phone_numbers/classifiers"
    for number, name, e164 in (("0861234567", "mobile_ie", "+353861234567"), ("%2B353861234567", "mobile_ie", "+353861234567"),
                               ("112", "emergency", "112"), ("%2B442071838750", "international", None), ("1800123456", "tollfree_ie", None)):
        c = world.acme.admin.get(f"{at}/{number}").expect(200).data
        assert c["name"] == name and (e164 is None or c["e164"] == e164), (number, c)


# ---- accounts

def an_account_is_made(world):
    """Below the one of the path, with a realm if none was given, defaults, metadata."""
    t = world.tenant()
    doc = t.admin.put(t.at, {"name": "Kid of " + t.name, "x": {"y": 1}})
    d, m = doc.expect(201).data, doc.json["metadata"]
    assert d["realm"].endswith(t.realm) and d["realm"] != t.realm and d["timezone"] == "UTC" and d["language"] == "en-us"
    assert d["country"] == "IE" and d["enabled"] is True and d["x"] == {"y": 1} and d["call_restriction"] == {}
    assert m["reseller_id"] == world.master_id and m["is_reseller"] is False and m["superduper_admin"] is False
    assert m["created"] > 6e10 and m["enabled"] is True and m["billing_mode"]
    assert world.sql("SELECT parent_id FROM account WHERE id = %s", d["id"])[0]["parent_id"] == t.id
    kid = f"accounts/{d['id']}"
    assert t.admin.patch(kid, {"timezone": "Europe/Paris", "is_reseller": True, "parent_id": "x"}).data["timezone"] == "Europe/Paris"
    again = t.admin.post(kid, {"name": "Renamed kid of " + t.name}).expect(200).data
    assert again["realm"] == d["realm"] and again["timezone"] == "Europe/Paris" and "x" not in again
    assert t.admin.get(kid).json["metadata"]["is_reseller"] is False
    for bad, field in (({}, "name"), ({"name": ""}, "name"), ({"name": "n" * 129}, "name"), ({"name": "a", "realm": "a b.c"}, "realm"),
                       ({"name": "a", "realm": "abc"}, "realm"), ({"name": "a", "realm": "x\r\nHost: y"}, "realm"),
                       ({"name": "a", "country": "Ireland"}, "country"), ({"name": "a", "realm": t.realm}, "realm"),
                       ({"name": "a", "realm": t.realm.upper()}, "realm"), ({"name": t.name.upper() + "!"}, "name")):
        r = t.admin.put(t.at, bad)
        assert field in r.errors, (bad, r.body)
    assert t.admin.put(t.at, {"name": "a", "realm": t.realm}).data["realm"]["unique"]["cause"] == t.realm


def the_tree(world):
    """children, descendants with counts and paths, siblings, ancestors."""
    t = world.tenant()
    a = t.admin.put(t.at, {"name": f"{t.name} b"}).expect(201).data["id"]
    b = t.admin.put(t.at, {"name": f"{t.name} a"}).expect(201).data["id"]
    c = t.admin.put(f"accounts/{a}", {"name": f"{t.name} c"}).expect(201).data["id"]
    rows = t.admin.get(f"{t.at}/children", ascending="true").expect(200).data
    assert [(r["id"], r["descendants_count"]) for r in rows] == [(b, 0), (a, 1)] and rows[0]["realm"]
    rows = {r["id"]: r["tree"] for r in t.admin.get(f"{t.at}/descendants").data}
    assert rows == {a: [t.id], b: [t.id], c: [t.id, a]}
    assert [r["id"] for r in t.admin.get(f"accounts/{c}/parents").data] == [t.id, a]
    assert {r["id"] for r in t.admin.get(f"accounts/{a}/siblings").data} >= {a, b}
    assert t.admin.get(f"{t.at}/siblings").data == []
    pages = [t.admin.get(f"{t.at}/children", page_size="1").json]
    pages.append(t.admin.get(f"{t.at}/children", page_size="1", start_key=pages[0]["next_start_key"]).json)
    assert [p["data"][0]["id"] for p in pages] == [b, a] and "next_start_key" not in pages[1]
    t.admin.put(f"accounts/{a}/reseller", {}).expect(200)
    assert t.admin.get(f"accounts/{c}").json["metadata"]["reseller_id"] == a
    t.admin.delete(f"accounts/{a}/reseller").expect(200)
    assert t.admin.get(f"accounts/{c}").json["metadata"]["reseller_id"] == world.master_id
    assert t.admin.delete(f"accounts/{a}").code == 400  # it has a child
    t.admin.delete(f"accounts/{c}").expect(200)
    t.admin.delete(f"accounts/{a}").expect(200)
    t.admin.get(f"accounts/{a}").expect(404)


def a_deleted_account_leaves_nothing(world):
    """Rows and files go, numbers are free again, its tokens are worth nothing."""
    t, number = world.tenant(), world.number()
    world.give_number(t, number)
    t.make("vmboxes", {"name": "b", "mailbox": "1"})
    t.make("devices", {"name": "d", "sip": {"username": "dd", "password": "12345"}})
    t.make("callflows", {"numbers": ["1"], "flow": flow()})
    os.makedirs(world.server.path("storage", t.id, "vm"))
    open(world.server.path("storage", t.id, "vm", "x.mp3"), "w").close()
    world.master.delete(t.at).expect(200)
    assert not os.path.exists(world.server.path("storage", t.id))
    for table in ("user", "device", "vmbox", "callflow", "callflow_number", "media", "token"):
        assert not world.sql(f"SELECT * FROM {table} WHERE account_id = %s", t.id), table
    row = world.sql("SELECT account_id, state FROM phone_number WHERE number = %s", number)[0]
    assert row == {"account_id": None, "state": "available"}
    t.admin.get(t.at).expect(401)
    world.nobody.put("user_auth", {"credentials": "0" * 32, "account_name": t.name}).expect(401)


def limits(world):
    """Set from above, told below; calls is what the module enforces."""
    t = world.tenant()
    assert t.admin.get(f"{t.at}/limits").expect(200).data == {"id": "limits"}
    r = world.master.post(f"{t.at}/limits", {"calls": "5", "twoway_trunks": 2, "x": "y"}).expect(200).data
    assert r["calls"] == 5 and r["allow_prepay"] is True and r["x"] == "y"
    assert world.sql("SELECT max_calls FROM account WHERE id = %s", t.id)[0]["max_calls"] == 5
    assert t.admin.get(f"{t.at}/limits").data["twoway_trunks"] == 2
    t.admin.patch(t.at, {"name": t.name, "y": 1}).expect(200)
    t.admin.post(t.at, {"name": t.name}).expect(200)
    assert t.admin.get(f"{t.at}/limits").data["calls"] == 5 and "pvt_limits" not in t.admin.get(t.at).data
    r = world.master.patch(f"{t.at}/limits", {"calls": None}).expect(200).data
    assert "calls" not in r and world.sql("SELECT max_calls FROM account WHERE id = %s", t.id)[0]["max_calls"] is None
    for bad in ({"calls": -1}, {"calls": "many"}, {"twoway_trunks": []}, {"call_restriction": {"x": {"action": "no"}}}):
        assert world.master.post(f"{t.at}/limits", bad).errors, bad
    assert world.changes()[-1]["kind"] == "account"


# ---- carriers

def carriers(world):
    """With gateways in order, defaults, rules that compile, change_log without account; no passwords kept."""
    m = world.master
    before = world.last_change()
    made = m.put("resources", {"name": "c", "rules": [r"^\+1(\d{10})$"], "gateways": [
        {"server": "127.0.0.9", "port": "5070", "codecs": ["PCMA"], "prefix": "00"}, {"server": "gw.example", "enabled": False}]})
    d = made.expect(201).data
    assert d["weight_cost"] == 50 and d["enabled"] is True and d["emergency"] is False and d["grace_period"] == 5
    g, h = d["gateways"]
    assert (g["server"], g["port"], g["codecs"], g["prefix"], g["transport"], g["inbound"]) == \
        ("127.0.0.9", 5070, ["PCMA"], "00", "udp", True), g
    assert h["enabled"] is False and h["port"] == 5060
    path = f"resources/{d['id']}"
    assert m.get(path).data == d and {"id", "name", "enabled", "weight_cost"} <= set(m.get("resources").data[-1])
    p = m.patch(path, {"gateways": [{"server": "[::1]"}], "weight_cost": "10"}).expect(200).data
    assert [x["server"] for x in p["gateways"]] == ["[::1]"] and p["weight_cost"] == 10 and p["rules"] == d["rules"]
    for bad, field in (({"gateways": [{}]}, "gateways.0.server"), ({"gateways": "x"}, "gateways"), ({"gateways": [7]}, "gateways.0"),
                       ({"gateways": [{"server": "a b"}]}, "gateways.0.server"), ({"gateways": None}, "gateways"),
                       ({"gateways": [{"server": "a", "port": 70000}]}, "gateways.0.port"),
                       ({"gateways": [{"server": "a", "transport": "carrier pigeon"}]}, "gateways.0.transport"),
                       ({"gateways": [{"server": "a;lr\r\nX: y"}]}, "gateways.0.server"),
                       ({"gateways": [{"server": "a", "prefix": "00;x"}]}, "gateways.0.prefix"),
                       ({"gateways": [{"server": "a", "password": "hush"}]}, "gateways.0.password"),
                       ({"rules": ["("]}, "rules.0"), ({"rules": [r"(a)\1"]}, "rules.0"), ({"weight_cost": 101}, "weight_cost"),
                       ({"name": None}, "name")):
        for r in (m.put("resources", {"name": "x", "gateways": [{"server": "a"}]} | bad), m.patch(path, bad)):
            assert field in r.errors, (bad, r.body)
    assert "password" not in m.patch(path, {"gateways": [{"server": "a", "password": ""}]}).expect(200).data["gateways"][0]
    m.delete(path).expect(200)
    m.get(path).expect(404)
    assert not world.sql("SELECT * FROM gateway WHERE resource_id = %s", d["id"])
    assert {(c["account_id"], c["kind"]) for c in world.changes(before)} == {(None, "resource")}


def carriers_of_an_account(world):
    """Written from above, for one account; not among the cluster's."""
    t = world.tenant()
    d = world.master.put(f"{t.at}/resources", {"name": "own", "gateways": [{"server": "127.0.0.9"}]}).expect(201).data
    assert [r["id"] for r in t.admin.get(f"{t.at}/resources").expect(200).data] == [d["id"]]
    assert d["id"] not in [r["id"] for r in world.master.get("resources").data]
    world.master.get(f"resources/{d['id']}").expect(404)
    t.admin.delete(f"{t.at}/resources/{d['id']}").expect(403)
    world.master.delete(f"{t.at}/resources/{d['id']}").expect(200)
    assert world.changes()[-1]["account_id"] == t.id


# ---- schemas and small endpoints

def schemas(world):
    """Made from the descriptors: types, bounds, defaults, patterns that other languages understand too."""
    names = world.acme.admin.get("schemas").expect(200).data
    assert {"accounts", "users", "devices", "vmboxes", "callflows", "media", "resources"} <= set(names)
    for name in names:
        s = world.acme.admin.get(f"schemas/{name}").expect(200).data
        assert s["id"] == name and s["type"] == "object" and s["properties"]

        def walk(schema):
            assert schema.get("type") in ("string", "integer", "boolean", "object", "array", None), schema
            if "pattern" in schema:
                assert re.compile(schema["pattern"]) and "[:" not in schema["pattern"], schema
            for child in list(schema.get("properties", {}).values()) + [schema.get("items"), schema.get("additionalProperties")]:
                if isinstance(child, dict):
                    walk(child)
        walk(s)
    user = world.acme.admin.get("schemas/users").data
    assert set(user["required"]) == {"first_name", "last_name"} and user["properties"]["priv_level"]["enum"] == ["user", "admin"]
    assert user["properties"]["username"]["maxLength"] == 256 and user["properties"]["enabled"]["default"] is True
    assert "password_md5" not in user["properties"]
    world.acme.admin.get("schemas/nothing").expect(404)
    world.nobody.get("schemas").expect(401)


def small_endpoints(world):
    """What clients would hang on as 404 is there, in the shape that they need, and takes no writes."""
    a, at = world.acme.admin, world.acme.at
    lists = ["alerts", "ledgers/available", "transactions", "registrations"]
    for name in lists:
        assert a.get(f"{at}/{name}").expect(200).data == [], name
        assert a.get(f"{at}/{name}/").expect(200).data == [], name  # some calls end so
        assert a.put(f"{at}/{name}", {"name": "x"}).expect(405).headers["Allow"] == "GET", name
    assert a.get(f"{at}/multi_factor").data == {"configured": [], "multi_factor_providers": []}
    assert a.get(f"{at}/security").data["account"] == {"auth_modules": {}}
    assert a.get(f"{at}/configs/kazoo_endpoint").data["id"] == "kazoo_endpoint"
    assert a.get(f"{at}/apps_store/blacklist").data == {"blacklist": []}
    assert a.get(f"{at}/services/summary").data == {"invoices": []} and a.get(f"{at}/ledgers").data == {}
    assert a.get(f"{at}/service_plans/current").data == {"invoices": [], "plans": {}} and a.get(f"{at}/ledgers/total").data == {"amount": 0}
    apps = a.get(f"{at}/apps_store").expect(200).data
    for app in apps:
        assert app["allowed_users"] in ("all", "admins") and app["i18n"]["en-US"]["label"] and "api_url" not in app
        assert a.get(f"{at}/apps_store/{app['id']}").data["name"] == app["name"]
    assert {"voip", "callflows", "accounts"} <= {app["name"] for app in apps}
    a.patch(f"{at}/users/{world.acme.admin_id}", {"appList": [app["id"] for app in apps]}).expect(200)
    for name in ("external_numbers", "storage", "braintree/customer", "qubicle_queues"):
        r = a.get(f"{at}/{name}").expect(404)
        assert r.headers["Content-Type"] == "application/json" and r.json["status"] == "error"
    world.nobody.get("whitelabel/example.org").expect(404)
    assert world.nobody.get("about").expect(200).data["version"]
    carriers_info = a.get(f"{at}/phone_numbers/carriers_info").expect(200).data
    assert carriers_info["maximal_prefix_length"] == 3


def explain(world):
    """Who rings, by the rows as they are now; a bad question is a 400."""
    t = world.tenant()
    u = t.make("users", {"first_name": "A", "last_name": "B"})
    t.make("devices", {"name": "d", "owner_id": u, "sip": {"username": "ring", "password": "12345"}})
    t.make("callflows", {"numbers": ["201"], "flow": {"module": "user", "data": {"id": u, "timeout": 7}, "children": {}}})
    t.make("devices", {"name": "from", "owner_id": t.admin_id, "sip": {"username": "caller", "password": "12345"}})
    told = t.admin.post(f"{t.at}/explain", {"from": "caller", "to": "201"}).expect(200)
    assert b"ring" in told.body, told.body
    silent = t.admin.post(f"{t.at}/explain", {"from": "caller", "to": "201", "unregistered": ["ring"]}).expect(200)
    assert silent.data != told.data
    assert t.admin.post(f"{t.at}/explain", {}).errors == {"from": ["required"], "to": ["required"]}


TESTS = [extensions_cannot_be_emergency_numbers, numbers_are_unique_in_an_account, numbers_are_normalised,
         a_bad_tree_is_refused_by_path, a_deep_tree, posting_back_what_was_read, a_number_lives, reserved_numbers, bad_numbers,
         several_numbers_at_once, classifiers, an_account_is_made, the_tree, a_deleted_account_leaves_nothing, limits, carriers,
         carriers_of_an_account, schemas, small_endpoints, explain]
