"""Tenants for end-to-end tests, created through the HTTP API only, as a portal would.

    acme = Tenant(stack, "acme"); alice = acme.user("Alice", "Archer", "201"); phone = acme.phone(alice)
SPDX-License-Identifier: GPL-2.0-or-later"""
import hashlib
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request

from phone import Phone
from stack import wait_for


class ApiError(AssertionError):
    def __init__(self, verb, path, code, reply):
        super().__init__(f"{verb} {path}: {code} {str(reply)[:500]}")
        self.code, self.reply = code, reply


class Api:
    """One login. Calls return the reply's data; other than 2xx raises ApiError."""

    def __init__(self, stack, account="Centrex", user="admin", password=None):
        self.base = f"http://{stack.ip}:8080/v2/"
        self.token = None
        password = password or stack.secrets["admin_password"]
        digest = hashlib.md5(f"{user}:{password}".encode()).hexdigest()
        reply = self.raw("PUT", "user_auth", {"credentials": digest, "account_name": account})
        self.token = reply["auth_token"]
        self.account = reply["data"]["account_id"]

    def raw(self, verb, path, data=None, plain=False, headers=()):
        body = None if data is None else json.dumps({"data": data}).encode()
        request = urllib.request.Request(self.base + path, body, {"Content-Type": "application/json", **dict(headers)},
                                         method=verb)
        if self.token:
            request.add_header("X-Auth-Token", self.token)
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                content = reply.read()
                return content if plain else json.loads(content)
        except urllib.error.HTTPError as e:
            text = e.read().decode(errors="replace")
            raise ApiError(verb, path, e.code, text) from None

    def get(self, path):
        return self.raw("GET", path)["data"]

    def put(self, path, data):
        return self.raw("PUT", path, data)["data"]

    def post(self, path, data):
        return self.raw("POST", path, data)["data"]

    def patch(self, path, data):
        return self.raw("PATCH", path, data)["data"]

    def delete(self, path):
        return self.raw("DELETE", path)["data"]

    def audio(self, path):
        return self.raw("GET", path, plain=True, headers={"Accept": "audio/mpeg"}.items())


class User:
    def __init__(self, **fields):
        self.__dict__.update(fields)


class Tenant:
    def __init__(self, stack, name, number=None, **account):
        self.stack, self.name = stack, name
        self.realm = f"{name}.example"
        stack.api = getattr(stack, "api", None) or Api(stack)
        self.api = stack.api
        document = {"name": name, "realm": self.realm, "timezone": "Europe/Dublin", "country": "IE", **account}
        if number:
            document.setdefault("caller_id", {"external": {"name": name, "number": number},
                                              "emergency": {"name": name, "number": number}})
        self.id = self.api.put(f"accounts/{self.api.account}", document)["id"]
        self.at = f"accounts/{self.id}"
        self.number = number
        self.users, self.phones = [], []
        if number:
            self.api.put(f"{self.at}/phone_numbers/{urllib.parse.quote(number, safe='')}/activate", {})

    def user(self, first, last, extension, timeout=5, numbers=(), box=True, device=True, flow=None, **fields):
        """A user with a device, a voicemail box and a callflow (user, then voicemail)."""
        login = f"{first.lower()}@{self.realm}"
        u = User(first=first, last=last, extension=extension, email=login, password=secrets.token_urlsafe(9))
        u.id = self.api.put(f"{self.at}/users", {
            "first_name": first, "last_name": last, "username": login, "email": login, "password": u.password,
            "presence_id": extension, "timeout": timeout, "vm_to_email_enabled": True,
            "caller_id": {"internal": {"name": f"{first} {last}", "number": extension}}, **fields})["id"]
        u.device = self.device(u, first.lower()) if device else None
        children = {}
        u.box = None
        if box:
            u.box = self.api.put(f"{self.at}/vmboxes", {"mailbox": extension, "name": f"{first}'s box", "owner_id": u.id,
                                                        "include_message_on_notify": True})["id"]
            children["_"] = {"module": "voicemail", "data": {"id": u.box, "action": "compose"}, "children": {}}
        u.flow = self.callflow([extension, *numbers], flow or
                               {"module": "user", "data": {"id": u.id, "timeout": timeout}, "children": children},
                               owner_id=u.id)
        self.users.append(u)
        return u

    def device(self, user, name, enabled=True, **fields):
        d = User(name=name, password=secrets.token_urlsafe(9))
        document = {"name": f"{name} phone", "enabled": enabled, "device_type": "sip_device",
                    "sip": {"username": name, "password": d.password}, **fields}
        if user:
            document["owner_id"] = user.id
        d.id = self.api.put(f"{self.at}/devices", document)["id"]
        return d

    def document(self, resource, **fields):
        """Any plain document: its id."""
        return self.api.put(f"{self.at}/{resource}", fields)["id"]

    def menu(self, name="menu", **fields):
        return self.document("menus", name=name, **fields)

    def conference(self, name="room", numbers=(), **fields):
        return self.document("conferences", name=name, conference_numbers=list(numbers), **fields)

    def directory(self, name="directory", members=None, **fields):
        """members: {user: callflow id}, kept in the users' documents."""
        id = self.document("directories", name=name, **fields)
        for user, callflow in (members or {}).items():
            self.api.patch(f"{self.at}/users/{user.id}", {"directories": {id: callflow}})
        return id

    def group(self, name="group", users=(), devices=(), groups=(), **fields):
        """users and devices: as user() and device() give them; groups: ids."""
        endpoints = {u.id: {"type": "user"} for u in users} | {d.id: {"type": "device"} for d in devices}
        return self.document("groups", name=name, endpoints=endpoints | {g: {"type": "group"} for g in groups}, **fields)

    def rule(self, name="rule", cycle="daily", **fields):
        return self.document("temporal_rules", name=name, cycle=cycle, **fields)

    def rule_set(self, rules, name="rules", **fields):
        return self.document("temporal_rules_sets", name=name, temporal_rules=list(rules), **fields)

    def blacklist(self, numbers, name="blacklist", **fields):
        return self.document("blacklists", name=name, numbers={n: {} for n in numbers}, **fields)

    def match_list(self, name="list", **fields):
        return self.document("match_lists", name=name, **fields)

    def faxbox(self, name="fax", **fields):
        return self.document("faxboxes", name=name, **fields)

    def callflow(self, numbers, flow, patterns=(), **fields):
        document = {"numbers": list(numbers), "flow": flow, **fields}
        if patterns:
            document["patterns"] = list(patterns)
        return self.api.put(f"{self.at}/callflows", document)["id"]

    def outside(self):
        """Everything unknown goes to the cluster's carriers."""
        return self.callflow(["no_match"], {"module": "offnet", "data": {}, "children": {}})

    def phone(self, user=None, device=None, register=True, **options):
        device = device or user.device
        p = Phone(self.stack.address(), self.stack.server, device.name, self.realm, device.password,
                  name=f"{device.name}@{self.name}", **options)
        self.phones.append(p)
        if register:
            self.in_force()
            code = p.register()
            assert code == 200, f"{p.name} does not register: {code}"
        return p

    def in_force(self):
        """Waits until all that has been written is what Kamailio routes with."""
        self.stack.in_force()

    def messages(self, user):
        return self.api.get(f"{self.at}/vmboxes/{user.box}/messages?paginate=false")

    def cdrs(self, call_id=None):
        query = "SELECT * FROM cdr WHERE account_id = %s"
        rows = self.stack.sql(query + " ORDER BY start_ms", self.id)
        return [r for r in rows if call_id is None or r["call_id"] == call_id]

    def wait_cdr(self, call, timeout=10):
        """The records of one call, as soon as there is one."""
        return wait_for(f"the record of {call.call_id}", lambda: self.cdrs(call.call_id), timeout)


class Bystander:
    """The second tenant, with the same extensions: whatever happens to the first, it notices nothing."""

    def __init__(self, tenant, phones):
        self.tenant, self.phones = tenant, phones
        self.remember()

    def _state(self):
        return {"sip": [len([m for m in p.messages if not m.is_response and m.method != "OPTIONS"]) for p in self.phones],
                "cdrs": len(self.tenant.cdrs()),
                "messages": self.tenant.stack.sql("SELECT COUNT(*) AS n FROM vm_message WHERE account_id = %s",
                                                  self.tenant.id)[0]["n"],
                "mails": [len(self.tenant.stack.mails(u.email)) for u in self.tenant.users]}

    def remember(self):
        self.before = self._state()

    def noticed_nothing(self):
        now = self._state()
        assert now == self.before, f"the other tenant noticed something: {self.before} became {now}"
