"""Two requests at once: unique things stay unique, no change is lost, a retried one makes nothing twice.
SPDX-License-Identifier: GPL-2.0-or-later"""
import os

from crossbar import Client
from world import flow, quoted, together

N = 6


def race(world, jobs, good, field=None):
    """Runs jobs at once: as many succeed as said, the others are 400 `unique` on the field."""
    replies = together(jobs)
    codes = sorted(r.code for r in replies)
    assert codes.count(201) + codes.count(200) == good, codes
    for r in replies:
        if r.code not in (200, 201):
            assert r.errors == {field: ["unique"]} and r.data[field]["unique"]["cause"], r.body
    return [r for r in replies if r.code in (200, 201)]


def unique_things(world):
    """User name, mailbox, SIP name, extension, pattern, realm, account name: one of six wins, five are told why."""
    t = world.tenant()
    put = t.admin.put
    for round_ in range(3):
        n = f"x{round_}"
        cases = [("users", lambda i: {"first_name": "A", "last_name": str(i), "username": n}, "username"),
                 ("vmboxes", lambda i: {"name": str(i), "mailbox": n}, "mailbox"),
                 ("devices", lambda i: {"name": str(i), "sip": {"username": n, "password": "12345"}}, "sip.username"),
                 ("callflows", lambda i: {"numbers": [f"{n}{i}", n], "flow": flow()}, "numbers"),
                 ("callflows", lambda i: {"patterns": [f"^{i}", n], "flow": flow()}, "patterns")]
        for what, body, field in cases:
            race(world, [lambda i=i: put(f"{t.at}/{what}", body(i)) for i in range(N)], 1, field)
        race(world, [lambda i=i: put(t.at, {"name": f"{t.name} {n} {i}", "realm": f"{n}.{t.realm}"}) for i in range(N)], 1, "realm")
        race(world, [lambda: put(t.at, {"name": f"{t.name} kid {n}"}) for _ in range(N)], 1, "name")
    assert len(t.admin.get(f"{t.at}/callflows").data) == 6


def extensions_exchanged(world):
    """Callflows that want each other's numbers at once: never both, never half."""
    t = world.tenant()
    a, b = t.make("callflows", {"numbers": ["1", "2"], "flow": flow()}), t.make("callflows", {"numbers": ["3", "4"], "flow": flow()})
    for _ in range(5):
        replies = together([lambda: t.admin.patch(f"{t.at}/callflows/{a}", {"numbers": ["1", "3"]}),
                            lambda: t.admin.patch(f"{t.at}/callflows/{b}", {"numbers": ["3", "1"]}),
                            lambda: t.admin.patch(f"{t.at}/callflows/{a}", {"numbers": ["1", "2"]}),
                            lambda: t.admin.patch(f"{t.at}/callflows/{b}", {"numbers": ["3", "4"]})])
        assert all(r.code in (200, 400) for r in replies), [r.body[:200] for r in replies]
        numbers = [t.admin.get(f"{t.at}/callflows/{x}").data["numbers"] for x in (a, b)]
        assert len(set(sum(numbers, []))) == 4 and all(len(n) == 2 for n in numbers), numbers
        for id, n in ((a, ["1", "2"]), (b, ["3", "4"])):
            t.admin.patch(f"{t.at}/callflows/{id}", {"numbers": n})


def one_number_two_tenants(world):
    """A free number that all want: one has it, the others get 409."""
    tenants = [world.tenant() for _ in range(3)]
    for _ in range(3):
        number = world.number()
        world.master.put(f"accounts/{world.master_id}/phone_numbers/{quoted(number)}", {"create_with_state": "available"}).expect(201)
        replies = together([lambda t=t: t.admin.put(f"{t.at}/phone_numbers/{quoted(number)}/activate", {}) for t in tenants])
        assert sorted(r.code for r in replies) == [201, 409, 409], [r.body[:200] for r in replies]
        owner = world.sql("SELECT account_id FROM phone_number WHERE number = %s", number)[0]["account_id"]
        assert owner == [t.id for t, r in zip(tenants, replies) if r.code == 201][0]


def no_merge_is_lost(world):
    """Six PATCHes of one document at once, each another key: all are there, the revision counts them."""
    t = world.tenant()
    for _ in range(3):
        id = t.make("users", {"first_name": "A", "last_name": "B"})
        replies = together([lambda i=i: t.admin.patch(f"{t.at}/users/{id}", {f"key{i}": i}) for i in range(N)])
        assert [r.code for r in replies] == [200] * N, [r.body[:200] for r in replies]
        r = t.admin.get(f"{t.at}/users/{id}")
        assert all(r.data[f"key{i}"] == i for i in range(N)) and r.json["revision"] == str(N + 1), r.body


def if_match(world):
    """With the tag of what was read only one of six writers wins; the others read again."""
    t = world.tenant()
    id = t.make("media", {"name": "m"})
    path = f"{t.at}/media/{id}"
    tag = t.admin.get(path).headers["ETag"]
    replies = together([lambda i=i: t.admin.patch(path, {"name": f"m{i}"}, {"If-Match": tag}) for i in range(N)])
    assert sorted(r.code for r in replies) == [200] + [412] * (N - 1), [r.code for r in replies]
    now = t.admin.get(path)
    for bad in (tag, '"0"', '"99"', "nonsense", 'W/' + now.headers["ETag"], ""):
        if bad:
            t.admin.delete(path, headers={"If-Match": bad}).expect(412)
            t.admin.post(path, {"name": "x"}, {"If-Match": bad}).expect(412)
    assert t.admin.get(path).data == now.data
    t.admin.patch(path, {"name": "y"}, {"If-Match": f'"0", {now.headers["ETag"]}'}).expect(200)
    t.admin.patch(path, {"name": "z"}, {"If-Match": '"3"'}).expect(200)
    t.admin.patch(path, {"name": "z"}, {"If-Match": "*"}).expect(200)
    number = world.give_number(t)
    path = f"{t.at}/phone_numbers/{quoted(number)}"
    t.admin.delete(path, headers={"If-Match": '"77"'}).expect(412)
    t.admin.delete(path, headers={"If-Match": t.admin.get(path).headers["ETag"]}).expect(200)


def if_none_match(world):
    """304 without a body while nothing changed; also what is counted changes the tag."""
    t = world.tenant()
    box = t.make("vmboxes", {"name": "b", "mailbox": "1"})
    path = f"{t.at}/vmboxes/{box}"
    tag = t.admin.get(path).headers["ETag"]
    for header in (tag, "W/" + tag, f'"x", {tag}', "*"):
        r = t.admin.get(path, {"If-None-Match": header}).expect(304)
        assert r.body == b"" and r.headers["ETag"] == tag
    t.admin.get(path, {"If-None-Match": '"x"'}).expect(200)
    world.sql("INSERT INTO vm_message (id, account_id, vmbox_id, timestamp, length_ms, size_bytes, storage_key) "
              "VALUES (%s,%s,%s,1700000000,1000,10,'x')", os.urandom(16).hex(), t.id, box)
    r = t.admin.get(path, {"If-None-Match": tag}).expect(200)
    assert r.data["messages"] == 1 and r.headers["ETag"] != tag
    t.admin.patch(path, {"name": "c"}, {"If-None-Match": r.headers["ETag"]}).expect(200)


def idempotency(world):
    """The same key and request: the first reply again, one thing made; also when all come at once; another body is 409."""
    t = world.tenant()
    body = {"first_name": "A", "last_name": "B", "username": "once", "password": "secret"}
    key = {"Idempotency-Key": "key-1"}
    before = world.last_change()
    replies = together([lambda: t.admin.put(f"{t.at}/users", body, key) for _ in range(N)])
    assert [r.code for r in replies] == [201] * N, [r.body[:200] for r in replies]
    assert len({r.data["id"] for r in replies}) == 1 and len({r.json["revision"] for r in replies}) == 1
    assert len([c for c in world.changes(before) if c["kind"] == "user"]) == 1
    again = t.admin.put(f"{t.at}/users", body, key).expect(201)
    assert again.data == replies[0].data and "password" not in again.data
    r = t.admin.put(f"{t.at}/users", body | {"last_name": "C"}, key).expect(409)
    assert r.json["message"] == "datastore_conflict", r.body
    t.admin.put(f"{t.at}/media", {"name": "other path"}, key).expect(409)
    other = world.tenant()
    assert other.admin.put(f"{other.at}/users", body, key).expect(201).data["id"] != replies[0].data["id"]
    failed = {"Idempotency-Key": "key-2"}
    t.admin.put(f"{t.at}/vmboxes", {"name": "b"}, failed).expect(400)
    t.admin.put(f"{t.at}/vmboxes", {"name": "b", "mailbox": "1"}, failed).expect(201)  # nothing was made before
    for bad in ("x" * 129, "a b", "a'b", "é".encode().decode("latin-1")):
        assert "Idempotency-Key" in t.admin.put(f"{t.at}/media", {"name": "m"}, {"Idempotency-Key": bad}).errors, bad
    plain = world.sql("SELECT reply FROM idempotency_key WHERE account_id = %s", t.id)
    assert plain and "secret" not in str(plain)


def a_reference_that_goes(world):
    """Devices made while their owner is deleted: either refused or without an owner, never with a dead one."""
    t = world.tenant()
    for _ in range(4):
        u = t.make("users", {"first_name": "A", "last_name": "B"})
        replies = together([lambda: t.admin.delete(f"{t.at}/users/{u}")] + [
            lambda i=i: t.admin.put(f"{t.at}/devices", {"name": str(i), "owner_id": u}) for i in range(4)])
        assert replies[0].code == 200
        for r in replies[1:]:
            assert r.code == 201 or (r.code == 400 and "not_found" in str(r.errors)), r.body
    assert not [d for d in t.admin.get(f"{t.at}/devices").data if "owner_id" in d]


def deleted_twice(world):
    """Of six deletions one is 200, the others 404."""
    t = world.tenant()
    id = t.make("media", {"name": "m"})
    codes = sorted(r.code for r in together([lambda: t.admin.delete(f"{t.at}/media/{id}") for _ in range(N)]))
    assert codes == [200] + [404] * (N - 1), codes


def many_clients(world):
    """Six clients creating, changing and deleting all at once: no 5xx, nothing left over."""
    t = world.tenant()

    def work(i):
        client = Client(world.server.url, t.admin.token)
        codes = []
        for k in range(12):
            r = client.put(f"{t.at}/callflows", {"numbers": [f"{i}-{k}", f"9{i}{k:02}"], "flow": flow()})
            codes.append(r.code)
            id = r.data["id"]
            codes += [client.patch(f"{t.at}/callflows/{id}", {"numbers": [f"{i}-{k}"]}).code, client.get(f"{t.at}/callflows").code,
                      client.delete(f"{t.at}/callflows/{id}").code]
        return codes
    for codes in together([lambda i=i: work(i) for i in range(N)]):
        assert not isinstance(codes, Exception), codes
        assert set(codes) == {200, 201}, codes
    assert t.admin.get(f"{t.at}/callflows").data == []


TESTS = [unique_things, extensions_exchanged, one_number_two_tenants, no_merge_is_lost, if_match, if_none_match, idempotency,
         a_reference_that_goes, deleted_twice, many_clients]
