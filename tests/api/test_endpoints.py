"""Every call that the portal's applications make (endpoints.tsv) is answered in the right form: success, a validation error,
404 only where clients take it for "not here", 501 only for billing. SPDX-License-Identifier: GPL-2.0-or-later"""
import csv
import os
import re

from test_documents import PLAIN
from world import flow, quoted

SCOPE = {"core", "voip", "callflows", "accounts", "numbers", "voicemails", "fax"}
NOT_HERE = {"whitelabel/{domain}", "whitelabel/{domain}/icon", "whitelabel/{domain}/logo", "accounts/{accountId}/external_numbers",
            "accounts/{accountId}/storage", "accounts/{accountId}/qubicle_queues", "accounts/{accountId}/telexsmsboxes",
            "accounts/{accountId}/trunkingio_settings/check", "accounts/{accountId}/braintree/customer",
            "accounts/{accountId}/braintree/client_token"}
NOT_AVAILABLE = re.compile(r"external_numbers|ledgers/(credit|debit)|storage|braintree|service|telexsms|auth/links")
# resources of other rooms that are on their way
OTHERS = re.compile(r"multi_factor/|recovery|security|/faxes|conferences/\{conferenceId\}(/participants|$)")


def rows():
    with open(os.path.join(os.path.dirname(__file__), "endpoints.tsv")) as f:
        for row in csv.DictReader(f, delimiter="\t"):
            if SCOPE & set((row["used_by"] or "").split()):
                yield row["call"], row["verb"], row["path"]


class Portal:
    """A tenant with one of everything; ids by the names that the table uses."""

    def __init__(self, world):
        t = self.t = world.tenant()
        number = world.give_number(t)
        make = {"deviceId": ("devices", {"name": "d", "sip": {"username": "dev1", "password": "secret"}}),
                "voicemailId": ("vmboxes", {"name": "b", "mailbox": "70"}), "mediaId": ("media", {"name": "m"}),
                "callflowId": ("callflows", {"numbers": ["70"], "flow": flow()})}
        self.ids = {k: t.make(*v) for k, v in make.items()}
        plain = {k.path: t.make(k.path, k.minimal(1)) for k in PLAIN}
        self.ids |= {"menuId": plain["menus"], "conferenceId": plain["conferences"], "directoryId": plain["directories"],
                     "groupId": plain["groups"], "ruleId": plain["temporal_rules"], "setId": plain["temporal_rules_sets"],
                     "blacklistId": plain["blacklists"], "faxboxId": plain["faxboxes"], "accountId": t.id, "userId": t.user_id,
                     "phoneNumber": quoted(number), "number": quoted(number), "endpoint": "kazoo_endpoint",
                     "schemaId": "users", "domain": "portal.example", "value": "70", "accountName": "tenant", "city": "Dublin",
                     "searchValue": "tenant", "ledgerId": "x", "planId": "x", "cardId": "x", "numberId": "x", "boxId": "x",
                     "auth_id": "x", "state": "submitted", "documentName": "loa.pdf"}

    def path(self, path):
        return re.sub(r"\{([A-Za-z_]+)\}", lambda m: self.ids.get(m.group(1), "0" * 32), path)


BODIES = {"voicemail.updateMessages": {"folder": "saved", "messages": []}, "voicemail.deleteMessages": {"messages": []},
          "numbers.activateBlock": {"numbers": []}, "numbers.createBlock": {"numbers": []}, "numbers.deleteBlock": {"numbers": []},
          "user.updatePresence": {"action": "set", "state": "confirmed"}, "appsStore.updateBlacklist": {"blacklist": []}}


def every_call_of_the_portal(world):
    """One by one, as a reseller's admin would: the envelope, the status, JSON without a charset."""
    portal = Portal(world)
    wrong, seen = [], 0
    order = {"GET": 0, "PUT": 1, "POST": 2, "PATCH": 3, "DELETE": 4}
    for call, verb, path in sorted(rows(), key=lambda r: (order[r[1]], r[0] == "account.delete")):
        if OTHERS.search(path):
            continue
        seen += 1
        body = None if verb == "GET" else BODIES.get(call, {})
        if call == "media.upload":
            continue  # tests of sounds do that
        r = world.master.ask(verb, portal.path(path), body)
        codes = {200, 201, 202} if verb == "GET" else {200, 201, 202, 400}
        bare = path.split("?")[0].rstrip("/")
        if bare in NOT_HERE and verb == "GET":
            codes = {404}
        elif verb != "GET" and NOT_AVAILABLE.search(path) and call != "services.quote":
            codes = {501}
        elif "0" * 32 in portal.path(path) and call not in ("port.createAttachment", "port.updateAttachment"):
            codes = {200, 400, 404}  # of something that is not there
        elif call in ("auth.recoveryResetId", "auth.recovery", "auth.userAuth", "auth.postTokenInfo", "auth.get"):
            codes = {200, 400, 401}
        elif call in ("port.createAttachment", "port.updateAttachment"):
            codes = {200, 201, 404, 415}  # no PDF was sent
        elif call == "numbers.create":
            codes = {201, 409}
        elif call == "account.demote" or verb == "DELETE":
            codes = {200, 400, 404}
        try:
            j = r.json
            good = (r.code in codes and r.headers["Content-Type"] == "application/json" and "data" in j and j["request_id"] and
                    j["status"] == ("success" if r.code < 300 else "error"))
            if r.code == 404 and verb != "DELETE" and "0" * 32 not in portal.path(path) and bare not in NOT_HERE:
                good = False
        except ValueError:
            good = False
        if not good:
            wrong.append((call, verb, path, r.code, r.body[:120]))
    assert seen > 140, seen
    assert not wrong, f"{len(wrong)} of {seen}:\n" + "\n".join(map(str, wrong))


def lists_are_lists(world):
    """What screens iterate over is an array or the object that they take apart, with both kinds of path ends."""
    a, at = world.acme.admin, world.acme.at
    for name in ("alerts", "channels", "services", "services/available", "service_plans", "service_plans/available",
                 "ledgers/available", "transactions", "registrations"):
        for path in (name, name + "/"):
            assert a.get(f"{at}/{path}").expect(200).data == [], path
    for name, data in (("multi_factor", {"configured": [], "multi_factor_providers": []}), ("ledgers/total", {"amount": 0}),
                       ("services/summary", {"invoices": []}), ("service_plans/current", {"invoices": [], "plans": {}}),
                       ("apps_store/blacklist", {"blacklist": []}), ("ledgers", {})):
        got = a.get(f"{at}/{name}").expect(200).data
        assert got == data or (name == "multi_factor" and set(data) <= set(got)), (name, got)
    r = a.post(f"{at}/services/topup", {}).expect(501)
    assert r.json["message"] == "not_available" and r.json["error"] == "501"


TESTS = [every_call_of_the_portal, lists_are_lists]
