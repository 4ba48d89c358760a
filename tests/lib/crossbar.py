"""A small client of the HTTP API, for tests and scripts (standard library only).

    api = Crossbar("http://127.0.0.1:8080/v2")
    api.login("admin", "secret", account_name="Centrex")      # or realm="acme.example"
    user = api.put(f"accounts/{api.account_id}/users", {...})  # the reply's data; ApiError for other than 2xx

Client is the same without opinions: every call gives a Reply, whatever its status. SPDX-License-Identifier: GPL-2.0-or-later"""
import hashlib
import http.client
import json
import urllib.parse


class ApiError(AssertionError):
    """Another status than 2xx. body: the reply's envelope, or bytes when it is no JSON."""

    def __init__(self, what, status, body):
        super().__init__(f"{what}: {status} {str(body)[:600]}")
        self.status, self.body = status, body


class Reply:
    def __init__(self, what, code, headers, body):
        self.what, self.code, self.headers, self.body = what, code, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def data(self):
        return self.json["data"]

    @property
    def errors(self):
        """A validation error as {dotted field: [rules]}."""
        self.expect(400)
        assert self.json["message"] == "validation error", self.body[:400]
        return {field: sorted(rules) for field, rules in self.data.items()}

    def expect(self, *codes):
        assert self.code in codes, f"{self.what}: {self.code} instead of {codes}: {self.body[:600]!r}"
        return self


class Client:
    """One token, or none. source: the address to call from."""

    def __init__(self, base_url, token=None, source=None):
        self.base_url, self.token, self.source = base_url.rstrip("/"), token, source
        self.address = urllib.parse.urlsplit(self.base_url)

    def with_token(self, token):
        return Client(self.base_url, token, self.source)

    def raw(self, verb, target, body=None, headers=None):
        """target: as it goes into the request line, from /v2 on."""
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=60,
                                                source_address=(self.source, 0) if self.source else None)
        all_headers = dict(headers or {})
        if self.token:
            all_headers.setdefault("X-Auth-Token", self.token)
        try:
            connection.request(verb, target, body, all_headers)
            r = connection.getresponse()
            return Reply(f"{verb} {target[:200]}", r.status, r.headers, r.read())
        finally:
            connection.close()

    def send(self, verb, path, body=None, headers=None, query=None):
        """path: below the base URL, percent-encoded already."""
        target = f"{self.address.path}/{path}"
        if query:
            target += ("&" if "?" in target else "?") + urllib.parse.urlencode(query, doseq=True)
        return self.raw(verb, target, body, headers)

    def ask(self, verb, path, data=None, headers=None, query=None, **envelope):
        body = None
        all_headers = dict(headers or {})
        if data is not None or envelope:
            body = json.dumps({"data": {} if data is None else data, **envelope})
            all_headers.setdefault("Content-Type", "application/json")
        return self.send(verb, path, body, all_headers, query)

    def get(self, path, headers=None, **query):
        return self.ask("GET", path, headers=headers, query=query)

    def put(self, path, data, headers=None):
        return self.ask("PUT", path, data, headers)

    def post(self, path, data, headers=None):
        return self.ask("POST", path, data, headers)

    def patch(self, path, data, headers=None):
        return self.ask("PATCH", path, data, headers)

    def delete(self, path, data=None, headers=None):
        return self.ask("DELETE", path, data, headers)


def credentials(user, password, method="md5"):
    return hashlib.new("sha1" if method == "sha" else method, f"{user.lower()}:{password}".encode()).hexdigest()


class Crossbar:
    """A login whose calls give the reply's data, or raise ApiError."""

    def __init__(self, base_url, source=None):
        self.client = Client(base_url, source=source)
        self.account_id = self.user_id = None

    @property
    def token(self):
        return self.client.token

    def login(self, user, password, account_name=None, realm=None, method="md5"):
        where = {"account_realm": realm} if realm else {"account_name": account_name}
        self.client.token = None
        reply = self._good(self.client.put("user_auth", {"credentials": credentials(user, password, method),
                                                         "method": method, **where}))
        self.client.token = reply.json["auth_token"]
        self.account_id, self.user_id = reply.data["account_id"], reply.data["owner_id"]
        return reply.data

    @staticmethod
    def _good(reply):
        if 200 <= reply.code < 300:
            return reply
        try:
            body = reply.json
        except ValueError:
            body = reply.body
        raise ApiError(reply.what, reply.code, body)

    def get(self, path, **query):
        return self._good(self.client.get(path, **query)).data

    def put(self, path, data):
        return self._good(self.client.put(path, data)).data

    def post(self, path, data):
        return self._good(self.client.post(path, data)).data

    def patch(self, path, data):
        return self._good(self.client.patch(path, data)).data

    def delete(self, path):
        return self._good(self.client.delete(path)).data

    def file(self, path):
        """What is not JSON: audio, CSV."""
        return self._good(self.client.get(path)).body

    def upload(self, path, content, content_type):
        return self._good(self.client.send("POST", path, content, {"Content-Type": content_type})).data
