"""Logins and tokens. SPDX-License-Identifier: GPL-2.0-or-later"""
import base64
import hashlib
import hmac
import json
import time

from crossbar import Client, credentials
from world import quoted


def encode(data):
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def decode(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def sign(claims, secret, header=None):
    text = encode(header or {"alg": "HS256", "typ": "JWT"}) + "." + encode(claims)
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return text + "." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def login(world, user="ann", password="pw of ann", client=None, method=None, **where):
    data = {"credentials": credentials(user, password, method or "md5"), **(where or {"account_name": "acme"})}
    if method:
        data["method"] = method
    return (client or world.nobody).put("user_auth", data)


def every_way_to_name_the_account(world):
    """By name however it is written, realm (two spellings), phone number; md5 and sha1."""
    number = world.give_number(world.acme)
    for where in ({"account_name": "acme"}, {"account_name": "A.c-m e!"}, {"account_realm": "acme.test"},
                  {"realm": "ACME.test"}, {"phone_number": number}, {"phone_number": number.replace("+3531", "+353 1 ")}):
        for method in (None, "md5", "sha"):
            r = login(world, method=method, **where).expect(201)
            assert r.data["account_id"] == world.acme.id and r.data["owner_id"] == world.acme.admin_id, (where, r.data)
    for where in ({"account_name": "acne"}, {"account_name": "!"}, {"account_realm": "nowhere.test"}, {"phone_number": "+1"},
                  {"account_name": "acme' OR '1'='1"}, {"account_name": "%"}, {"account_realm": "acme%"}):
        assert login(world, **where).expect(401).data == {"message": "invalid credentials"}, where


def what_a_login_tells(world):
    """Envelope, capabilities and the token's payload are what portals read."""
    r = login(world).expect(201)
    d, j = r.data, r.json
    assert r.headers["Content-Type"] == "application/json"
    assert d["language"] == "en-us" and d["is_reseller"] is False and d["is_master_account"] is False
    assert d["reseller_id"] == world.master_id and d["account_name"] == "acme" and d["apps"] == [] and d["ui_config"] == {}
    assert d["capabilities"]["voicemail"]["transcription"] == {"available": False, "default": False}
    assert j["status"] == "success" and j["request_id"] and j["version"] and len(j["auth_token"]) < 3000
    head, payload, _ = j["auth_token"].split(".")
    assert decode(head)["alg"] == "HS256"
    claims = decode(payload)
    assert claims["account_id"] == world.acme.id and claims["owner_id"] == world.acme.admin_id
    assert 3500 < claims["exp"] - time.time() < 3700 and claims["jti"]
    m = login(world, "admin", world.server.password, account_name="Centrex").expect(201).data
    assert m["is_master_account"] is True and m["is_reseller"] is True


def wrong_logins(world):
    """Wrong ones are 401 without a hint which part was wrong; malformed ones 400 by field."""
    wrong = [login(world, password="x"), login(world, "nobody"), login(world, account_name="nobody"),
             login(world, account_name="rival", password="pw of acme")]
    assert len({json.dumps([r.code, r.data, r.json["message"]]) for r in wrong}) == 1, [r.body for r in wrong]
    assert wrong[0].code == 401 and wrong[0].json["message"] == "invalid_credentials"
    put = world.nobody.put
    assert put("user_auth", {}).errors == {"credentials": ["required"]}
    assert put("user_auth", {"credentials": "0" * 32}).errors == {"account_name": ["required"]}
    for bad in ("0" * 31, "g" * 32, 7, None, [], {"$ne": 1}, "0" * 40, "' OR 1=1 --"):
        assert put("user_auth", {"credentials": bad, "account_name": "acme"}).errors.get("credentials"), bad
    assert put("user_auth", {"credentials": "0" * 32, "account_name": "acme", "method": "plain"}).errors == {"method": ["enum"]}
    assert world.nobody.get("user_auth").expect(405).headers["Allow"] == "PUT"


def names_are_hashed_in_lower_case(world):
    """The portal lower-cases the name it hashes; a name stored in capitals logs in all the same."""
    t = world.tenant()
    t.make("users", {"first_name": "B", "last_name": "C", "username": "Big.Name@Example", "password": "Secret"})
    login(world, "big.name@example", "Secret", account_name=t.name).expect(201)
    login(world, "big.name@example", "secret", account_name=t.name).expect(401)


def a_password_ends_other_tokens(world):
    """A new password, a disabled user, an end of admin rights: old tokens are worth nothing; the one that asked stays."""
    t = world.tenant()
    id = t.make("users", {"first_name": "P", "last_name": "Q", "username": "pq", "password": "one", "priv_level": "admin"})
    first, second = world.login("pq", "one", t.name), world.login("pq", "one", t.name)
    first.patch(f"{t.at}/users/{id}", {"password": "two"}).expect(200)
    first.get(t.at).expect(200)
    second.get(t.at).expect(401)
    login(world, "pq", "one", account_name=t.name).expect(401)
    third = world.login("pq", "two", t.name)
    t.admin.patch(f"{t.at}/users/{id}", {"priv_level": "user"}).expect(200)
    third.get(t.at).expect(401)
    fourth = world.login("pq", "two", t.name)
    fourth.put(f"{t.at}/media", {"name": "m"}).expect(403)
    t.admin.patch(f"{t.at}/users/{id}", {"enabled": False}).expect(200)
    fourth.get(t.at).expect(401)
    r = login(world, "pq", "two", account_name=t.name).expect(423)
    assert "disabled" in r.data["user"], r.body
    t.admin.patch(f"{t.at}/users/{id}", {"enabled": True}).expect(200)
    fifth = world.login("pq", "two", t.name)
    t.admin.delete(f"{t.at}/users/{id}").expect(200)
    fifth.get(t.at).expect(401)


def a_disabled_account(world):
    """Its logins are 423, its tokens worthless; its children's too only when they are disabled themselves."""
    t = world.tenant()
    world.master.patch(t.at, {"enabled": False}).expect(200)
    t.admin.get(t.at).expect(401)
    r = login(world, account_name=t.name).expect(423)
    assert "disabled" in r.data["account"], r.body
    world.master.patch(t.at, {"enabled": True}).expect(200)
    login(world, account_name=t.name).expect(201)


def a_password_needs_a_name(world):
    """A changed user name without the password is refused: the hash holds both."""
    t = world.tenant()
    id = t.make("users", {"first_name": "P", "last_name": "Q", "username": "old", "password": "one"})
    assert t.admin.patch(f"{t.at}/users/{id}", {"username": "new"}).errors == {"password": ["required"]}
    t.admin.patch(f"{t.at}/users/{id}", {"username": "OLD"}).expect(200)
    login(world, "old", "one", account_name=t.name).expect(201)
    t.admin.post(f"{t.at}/users/{id}", {"first_name": "P", "last_name": "Q", "username": "old"}).expect(200)
    login(world, "old", "one", account_name=t.name).expect(201)
    t.admin.patch(f"{t.at}/users/{id}", {"username": "new", "password": "two"}).expect(200)
    login(world, "new", "two", account_name=t.name).expect(201)
    login(world, "old", "one", account_name=t.name).expect(401)


def tokeninfo_and_logout(world):
    """POST and GET auth/tokeninfo; 401 for what is none; logout ends one token only."""
    client, other = world.login("ann", "pw of ann", "acme"), world.login("ann", "pw of ann", "acme")
    for r in (world.nobody.post("auth/tokeninfo", {"token": client.token}), world.nobody.get("auth/tokeninfo", token=client.token),
              client.get("auth/tokeninfo")):
        assert r.expect(200).data["account_id"] == world.acme.id and r.data["capabilities"], r.body
    world.nobody.post("auth/tokeninfo", {"token": "a.b.c"}).expect(401)
    world.nobody.post("auth/tokeninfo", {}).expect(401)
    client.delete("auth/logout").expect(200)
    client.get(world.acme.at).expect(401)
    other.get(world.acme.at).expect(200)


def tokens_that_are_none(world):
    """Unsigned, signed otherwise, expired, unknown, cut, another algorithm: 401, and nothing is told."""
    good = world.acme.admin.token
    head, payload, mac = good.split(".")
    claims = decode(payload)
    secret = world.server.secret
    bad = ["", "x", "..", "a.b.c", good[:-4], good + "AAAA", f"{head}.{payload}.", f"{head}.{payload}",
           f"{encode({'alg': 'none', 'typ': 'JWT'})}.{payload}.", f"{encode({'alg': 'none'})}.{payload}.{mac}",
           f"{head}.{encode(claims | {'account_id': world.rival.id})}.{mac}",
           sign(claims, "0" * 64), sign(claims | {"exp": int(time.time()) - 1}, secret),
           sign(claims | {"jti": "0" * 32}, secret), sign(claims | {"account_id": world.rival.id}, secret),
           sign(claims | {"owner_id": world.rival.admin_id}, secret), sign(claims | {"jti": "' OR 1=1 --"}, secret),
           sign({k: v for k, v in claims.items() if k != "exp"}, secret), sign({}, secret),
           sign(claims, secret, {"alg": "HS512", "typ": "JWT"}), "é" * 10, "A" * 2047, "A" * 6000]
    for token in bad:
        r = Client(world.server.url).raw("GET", f"/v2/{world.acme.at}", headers={"X-Auth-Token": token.encode()})
        assert r.code == 401 and world.acme.realm not in r.body.decode(), (token[:60], r.code, r.body[:200])
    Client(world.server.url, sign(claims, secret)).get(world.acme.at).expect(200)


def where_a_token_may_stand(world):
    """Header, Bearer, query key (links) and body."""
    token, at = world.acme.admin.token, world.acme.at
    world.nobody.get(at, auth_token=token).expect(200)
    world.nobody.get(at, {"Authorization": "Bearer " + token}).expect(200)
    world.nobody.ask("POST", f"{at}/limits", {}, auth_token=token).expect(403)  # known, but not above this account
    world.nobody.get(at).expect(401)
    log = world.server.log()
    assert token not in log and token.split(".")[2] not in log


def failed_logins_are_slowed_down(world):
    """After ten failures in a minute one address waits with what is new; another address, and who logged in before, do not."""
    t = world.tenant()
    t.make("users", {"first_name": "N", "last_name": "N", "username": "new", "password": "pw of new"})
    stranger = Client(world.server.url, source=world.server.net + "66")
    while time.time() % 60 > 50:  # the windows are whole minutes
        time.sleep(0.2)
    codes = [login(world, password="x", client=stranger, account_name=t.name).code for _ in range(12)]
    assert codes == [401] * 10 + [429] * 2, codes
    r = login(world, "new", "pw of new", client=stranger, account_name=t.name)
    assert r.code == 429 and r.json["message"] == "too_many_requests" and r.headers["Retry-After"], r.body
    login(world, client=stranger, account_name=t.name).expect(201)
    assert login(world, "ann", "pw of an", client=stranger, account_name=t.name).code == 429
    login(world, "new", "pw of new", Client(world.server.url, source=world.server.net + "67"), account_name=t.name).expect(201)
    t.user.get(t.at).expect(200)  # who is in stays in
    login(world, client=stranger, account_name="rival").expect(201)


def numbers_of_others_are_no_name(world):
    """A free number of the inventory names no account."""
    number = world.number()
    world.master.put(f"{world.acme.at}/phone_numbers/{quoted(number)}", {"create_with_state": "available"}).expect(201)
    login(world, phone_number=number).expect(401)


TESTS = [every_way_to_name_the_account, what_a_login_tells, wrong_logins, names_are_hashed_in_lower_case,
         a_password_ends_other_tokens, a_disabled_account, a_password_needs_a_name, tokeninfo_and_logout,
         tokens_that_are_none, where_a_token_may_stand, failed_logins_are_slowed_down, numbers_of_others_are_no_name]
