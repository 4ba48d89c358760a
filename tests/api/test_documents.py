"""Every resource by the same rules: create, read, list, merge, replace, delete; defaults, casting, unknown keys, nulls,
validation by field, change_log. SPDX-License-Identifier: GPL-2.0-or-later"""
from world import flow

GREGORIAN = 62167219200


class Kind:
    """A resource and what to say about it. path: below the account."""

    def __init__(self, path, table, minimal, defaults, summary, change, bad):
        self.path, self.table, self.minimal, self.defaults = path, table, minimal, defaults
        self.summary, self.change, self.bad = summary, change, bad


KINDS = [
    Kind("users", "user", lambda n: {"first_name": "Kim", "last_name": f"User{n}", "username": f"kim{n}"},
         {"priv_level": "user", "enabled": True, "vm_to_email_enabled": True, "verified": False,
          "do_not_disturb": {"enabled": False}, "call_restriction": {}, "hotdesk": {"enabled": False, "require_pin": False,
                                                                     "keep_logged_in_elsewhere": False}},
         {"id", "features", "username", "first_name", "last_name", "priv_level", "flags"},
         {"timeout": "25", "email": "kim@example.org", "call_forward": {"enabled": True, "number": "202"}},
         [({"first_name": None}, "first_name", "required"), ({"first_name": ""}, "first_name", "minLength"),
          ({"last_name": "x" * 129}, "last_name", "maxLength"), ({"username": "a b"}, "username", "pattern"),
          ({"username": "x" * 257}, "username", "maxLength"), ({"email": "no"}, "email", "minLength"),
          ({"email": "nobody"}, "email", "pattern"), ({"priv_level": "root"}, "priv_level", "enum"),
          ({"timeout": 0}, "timeout", "minimum"), ({"timeout": 601}, "timeout", "maximum"),
          ({"timeout": "soon"}, "timeout", "type"), ({"enabled": "maybe"}, "enabled", "type"),
          ({"caller_id": "201"}, "caller_id", "type"), ({"caller_id": {"internal": "x"}}, "caller_id.internal", "type"),
          ({"caller_id": {"internal": {"name": "x" * 36}}}, "caller_id.internal.name", "maxLength"),
          ({"caller_id": {"internal": {"name": "a\r\nb"}}}, "caller_id.internal.name", "pattern"),
          ({"call_restriction": {"did_ie": {"action": "perhaps"}}}, "call_restriction.did_ie.action", "enum"),
          ({"call_forward": {"enabled": [1]}}, "call_forward.enabled", "type"),
          ({"hotdesk": {"pin": "12"}}, "hotdesk.pin", "minLength"), ({"first_name": 3.5}, "first_name", "type"),
          ({"username": None, "password": "secret"}, "username", "required"),
          ({"music_on_hold": {"media_id": {}}}, "music_on_hold.media_id", "type")]),
    Kind("devices", "device", lambda n: {"name": f"Phone {n}", "sip": {"username": f"phone{n}", "password": "s3cret!"}},
         {"device_type": "sip_device", "enabled": True, "call_restriction": {},
          "media": {"audio": {}, "video": {"codecs": []}, "encryption": {"enforce_security": False, "methods": []}},
          "mwi_unsolicited_updates": True, "sip.method": "password", "sip.invite_format": "contact",
          "sip.expire_seconds": 300},
         {"id", "name", "username", "mac_address", "enabled", "device_type", "flags"},
         {"enabled": "false", "call_forward": {"enabled": True, "number": "+35315550199"}},
         [({"name": None}, "name", "required"), ({"name": ""}, "name", "minLength"), ({"name": {}}, "name", "type"),
          ({"name": "n" * 129}, "name", "maxLength"), ({"sip": {"username": "a"}}, "sip.username", "minLength"),
          ({"sip": {"username": "a@b"}}, "sip.username", "pattern"), ({"sip": "x"}, "sip", "type"),
          ({"sip": {"username": "a\r\nVia: x"}}, "sip.username", "pattern"),
          ({"sip": {"username": "abcd", "password": "1234"}}, "sip.password", "minLength"),
          ({"sip": {"username": None, "password": "12345"}}, "sip.username", "required"),
          ({"sip": {"method": "magic"}}, "sip.method", "enum"), ({"sip": {"method": "ip"}}, "sip.ip", "required"),
          ({"sip": {"method": "ip", "ip": "300.1.1.1"}}, "sip.ip", "format"),
          ({"sip": {"expire_seconds": "never"}}, "sip.expire_seconds", "type"),
          ({"sip": {"realm": "other.test"}}, "sip.realm", "invalid"), ({"owner_id": "0" * 32}, "owner_id", "not_found"),
          ({"owner_id": "me"}, "owner_id", "not_found"), ({"hotdesk": {"users": {"0" * 32: {}}}}, "hotdesk.users", "not_found"),
          ({"enabled": 1}, "enabled", "type"), ({"media": {"audio": {"codecs": ["MP3"]}}}, "media.audio.codecs.0", "enum"),
          ({"call_recording": {"any": {"any": {"time_limit": 4}}}}, "call_recording.any.any.time_limit", "minimum"),
          ({"caller_id": {"\u00e9" * 400: "x"}}, ("caller_id." + "\u00e9" * 400).encode()[:511].decode(errors="ignore"), "type")]),
    Kind("vmboxes", "vmbox", lambda n: {"name": f"Box {n}", "mailbox": f"7{n:03}"},
         {"require_pin": False, "check_if_owner": True, "is_setup": False, "skip_greeting": False, "media_extension": "mp3",
          "include_message_on_notify": True, "delete_after_notify": False, "notify_email_addresses": [], "media": {},
          "messages": 0, "folders": {"new": 0, "saved": 0}},
         {"id", "name", "mailbox", "messages", "folders", "flags"},
         {"pin": 1234, "notify_email_addresses": ["a@example.org"], "require_pin": "true"},
         [({"name": None}, "name", "required"), ({"mailbox": None}, "mailbox", "required"),
          ({"mailbox": "1" * 31}, "mailbox", "maxLength"), ({"mailbox": []}, "mailbox", "type"),
          ({"pin": "12"}, "pin", "minLength"), ({"pin": "1234567"}, "pin", "maxLength"), ({"pin": "12ab"}, "pin", "pattern"),
          ({"media_extension": "ogg"}, "media_extension", "enum"),
          ({"notify_email_addresses": "a@b"}, "notify_email_addresses", "type"),
          ({"notify_email_addresses": ["a@b.c", "x y@z"]}, "notify_email_addresses.1", "pattern"),
          ({"notify_email_addresses": ["a@b.c\r\nBcc: d@e.f"]}, "notify_email_addresses.0", "pattern"),
          ({"media": {"unavailable": "0" * 32}}, "media.unavailable", "not_found"),
          ({"max_message_length": 3601}, "max_message_length", "maximum"), ({"owner_id": "0" * 32}, "owner_id", "not_found")]),
    Kind("callflows", "callflow", lambda n: {"numbers": [f"8{n:03}"], "flow": flow(code=486)},
         {"patterns": [], "metadata": {}}, {"id", "numbers", "patterns", "featurecode", "modules", "flags"},
         {"name": "renamed", "patterns": [r"^\*8([0-9]+)$"], "featurecode": {"name": "x", "number": "8"}},
         [({"flow": None}, "flow", "required"), ({"flow": []}, "flow", "type"),
          ({"flow": {"module": "nope", "data": {}, "children": {}}}, "flow.module", "invalid"),
          ({"flow": flow() | {"children": {"_": {"module": "x"}}}}, "flow.children._.module", "invalid"),
          ({"numbers": []}, "numbers", "required"), ({"numbers": "8"}, "numbers", "type"),
          ({"numbers": [""]}, "numbers.0", "minLength"), ({"numbers": ["x" * 37]}, "numbers.0", "maxLength"),
          ({"numbers": ["112"]}, "numbers.0", "forbidden"), ({"numbers": ["8999", "999"]}, "numbers.1", "forbidden"),
          ({"numbers": ["911"]}, "numbers.0", "forbidden"), ({"numbers": [{}]}, "numbers.0", "type"),
          ({"numbers": ["8001", "8001"]}, "numbers", "uniqueItems"), ({"patterns": ["("]}, "patterns.0", "invalid"),
          ({"patterns": [r"(a)\1"]}, "patterns.0", "invalid"), ({"owner_id": "0" * 32}, "owner_id", "not_found")]),
    Kind("media", "media", lambda n: {"name": f"Sound {n}"},
         {"media_source": "upload", "language": "en-us", "streamable": True, "tts": {}},
         {"id", "name", "media_source", "language", "flags"}, {"description": "a bell", "language": "en-ie"},
         [({"name": None}, "name", "required"), ({"name": "n" * 129}, "name", "maxLength"),
          ({"media_source": "radio"}, "media_source", "enum"), ({"streamable": "?"}, "streamable", "type"),
          ({"tts": {"text": ""}}, "tts.text", "minLength")]),
    Kind("menus", "menu", lambda n: {"name": f"Menu {n}"},
         {"retries": 3, "max_extension_length": 4, "hunt": True, "media": {}, "suppress_media": False, "allow_record_from_offnet": False},
         {"id", "name", "flags"}, {"timeout": "5000", "hunt_allow": "^2[0-9]+$", "media": {"exit_media": False}, "record_pin": "1234"},
         [({"name": None}, "name", "required"), ({"name": "n" * 129}, "name", "maxLength"), ({"retries": 11}, "retries", "maximum"),
          ({"retries": 0}, "retries", "minimum"), ({"max_extension_length": 7}, "max_extension_length", "maximum"),
          ({"timeout": 60001}, "timeout", "maximum"), ({"interdigit_timeout": 0}, "interdigit_timeout", "minimum"),
          ({"record_pin": "12"}, "record_pin", "minLength"), ({"record_pin": "abc"}, "record_pin", "pattern"),
          ({"hunt_allow": "("}, "hunt_allow", "invalid"), ({"media": {"invalid_media": 7}}, "media.invalid_media", "type"),
          ({"owner_id": "0" * 32}, "owner_id", "not_found")]),
    Kind("conferences", "conference", lambda n: {"name": f"Room {n}", "conference_numbers": [f"6{n:03}"]},
         {"member": {"join_muted": True, "join_deaf": False, "numbers": [], "pins": []},
          "moderator": {"join_muted": False, "join_deaf": False, "numbers": [], "pins": []}, "play_name": False},
         {"id", "name", "member", "moderator", "conference_numbers", "flags"},
         {"max_participants": "12", "play_entry_tone": "tone_stream://x", "wait_for_moderator": True, "ui_flags": {"a": 1}},
         [({"name": ""}, "name", "minLength"), ({"conference_numbers": ["7a"]}, "conference_numbers.0", "pattern"),
          ({"conference_numbers": ["7", "7"]}, "conference_numbers", "uniqueItems"), ({"member": {"pins": ["x"]}}, "member.pins.0", "pattern"),
          ({"moderator": {"numbers": "7"}}, "moderator.numbers", "type"), ({"member": []}, "member", "type"),
          ({"max_participants": -1}, "max_participants", "minimum"), ({"owner_id": "0" * 32}, "owner_id", "not_found"),
          ({"profile": {"max-members": 1}}, "profile.max-members", "minimum")]),
    Kind("directories", "directory", lambda n: {"name": f"Directory {n}"},
         {"confirm_match": True, "min_dtmf": 3, "max_dtmf": 0, "sort_by": "last_name", "users": []}, {"id", "name", "flags"},
         {"search_fields": "both"},
         [({"name": None}, "name", "required"), ({"min_dtmf": 0}, "min_dtmf", "minimum"), ({"max_dtmf": -1}, "max_dtmf", "minimum"),
          ({"sort_by": "age"}, "sort_by", "enum"), ({"search_fields": "all"}, "search_fields", "enum"),
          ({"confirm_match": "perhaps"}, "confirm_match", "type")]),
    Kind("groups", "user_group", lambda n: {"name": f"Group {n}"}, {"endpoints": {}, "music_on_hold": {}},
         {"id", "name", "features", "endpoints", "flags"}, {"smartpbx": {"ringback": {"enabled": True}}},
         [({"name": None}, "name", "required"), ({"endpoints": []}, "endpoints", "type"),
          ({"endpoints": {"0" * 32: {"type": "user"}}}, f"endpoints.{'0' * 32}", "not_found"),
          ({"endpoints": {"0" * 32: {}}}, f"endpoints.{'0' * 32}.type", "required"),
          ({"endpoints": {"x": {"type": "dog"}}}, "endpoints.x.type", "enum"),
          ({"music_on_hold": {"media_id": 1.5}}, "music_on_hold.media_id", "type")]),
    Kind("temporal_rules", "temporal_rule", lambda n: {"name": f"Rule {n}", "cycle": "weekly"},
         {"interval": 1, "start_date": 62586115200}, {"id", "name", "flags"},
         {"type": "main_weekdays", "wdays": ["monday", "wensday"], "time_window_start": "32400", "time_window_stop": 61200},
         [({"name": None}, "name", "required"), ({"cycle": None}, "cycle", "required"), ({"cycle": "hourly"}, "cycle", "enum"),
          ({"interval": 0}, "interval", "minimum"), ({"month": 13}, "month", "maximum"), ({"days": [32]}, "days.0", "maximum"),
          ({"days": [0]}, "days.0", "minimum"), ({"wdays": ["someday"]}, "wdays.0", "enum"), ({"ordinal": "sixth"}, "ordinal", "enum"),
          ({"time_window_start": -1}, "time_window_start", "minimum"), ({"time_window_stop": 86401}, "time_window_stop", "maximum"),
          ({"enabled": "x"}, "enabled", "type")]),
    Kind("temporal_rules_sets", "temporal_rule_set", lambda n: {"name": f"Set {n}"}, {}, {"id", "name", "rules", "flags"},
         {"type": "main_holidays"},
         [({"name": None}, "name", "required"), ({"temporal_rules": []}, "temporal_rules", "minItems"),
          ({"temporal_rules": ["0" * 32]}, "temporal_rules.0", "not_found"), ({"temporal_rules": {}}, "temporal_rules", "type")]),
    Kind("blacklists", "blacklist", lambda n: {"name": f"Black {n}"}, {"numbers": {}}, {"id", "name", "flags"},
         {"should_block_anonymous": True},
         [({"name": None}, "name", "required"), ({"numbers": ["+1"]}, "numbers", "type"),
          ({"numbers": {"+1": "x"}}, "numbers.+1", "type"), ({"should_block_anonymous": "x"}, "should_block_anonymous", "type")]),
    Kind("match_lists", "match_list", lambda n: {"name": f"Match {n}"}, {}, {"id", "name", "flags"}, {"description": "who"},
         [({"name": None}, "name", "required"), ({"description": "d" * 129}, "description", "maxLength")]),
    Kind("faxboxes", "faxbox", lambda n: {"name": f"Fax {n}"},
         {"retries": 1, "attempts": 0, "smtp_permission_list": [], "media": {}, "caller_name": "Centrex Fax"},
         {"id", "name", "created", "flags"},
         {"fax_identity": "+353 1 555", "notifications": {"inbound": {"email": {"send_to": ["a@b.c"]}}}},
         [({"name": None}, "name", "required"), ({"retries": 5}, "retries", "maximum"),
          ({"smtp_permission_list": "x"}, "smtp_permission_list", "type"), ({"fax_header": "a\r\nb"}, "fax_header", "pattern"),
          ({"notifications": {"outbound": {"email": {"send_to": ["nobody"]}}}}, "notifications.outbound.email.send_to", "format"),
          ({"notifications": {"outbound": {"email": {"send_to": 7}}}}, "notifications.outbound.email.send_to", "format"),
          ({"notifications": {"inbound": {"callback": {"url": "ftp://x"}}}}, "notifications.inbound.callback.url", "pattern")]),
]
PLAIN = [k for k in KINDS if k.path not in ("users", "devices", "vmboxes", "callflows", "media")]
EXTRA = {"ui_metadata": {"origin": "voip", "ui": "monster-ui", "version": "4.3.0"}, "": 1, "undefined": {"": None, "x": [1.5, None, True]},
         "quote'\"\\;--": "Robert'); DROP TABLE user;--", "emoji": "☎ \U0001f4de", "deep": {"a": {"b": {"c": {}}}}, "n": -0.25}


def value_at(document, path):
    for key in path.split("."):
        document = document[key]
    return document


def all_verbs(kind):
    def test(world):
        a, at = world.acme.admin, f"{world.acme.at}/{kind.path}"
        before = world.last_change()
        made = a.put(at, kind.minimal(1) | EXTRA).expect(201)
        doc, id = made.data, made.data["id"]
        assert len(id) == 32 and made.json["status"] == "success" and made.json["request_id"] and made.json["auth_token"]
        for path, value in kind.defaults.items():
            assert value_at(doc, path) == value, (path, doc)
        expected = {k: v for k, v in EXTRA.items()}
        assert {k: doc[k] for k in expected} == expected, doc
        assert a.get(f"{at}/{id}").expect(200).data == doc

        row = [r for r in a.get(at).expect(200).data if r["id"] == id]
        assert len(row) == 1 and kind.summary <= set(row[0]), row
        assert "ui_metadata" not in row[0]

        merged = a.patch(f"{at}/{id}", kind.change | {"emoji": None, "deep": {"a": {"b": None, "d": 2}}}).expect(200).data
        assert "emoji" not in merged and merged["deep"] == {"a": {"d": 2}} and merged["ui_metadata"] == EXTRA["ui_metadata"]
        for key in kind.change:
            assert key in merged, (key, merged)
        assert a.get(f"{at}/{id}").data == merged

        replaced = a.post(f"{at}/{id}", kind.minimal(1) | {"fresh": [1]}).expect(200).data
        assert replaced["fresh"] == [1] and replaced["id"] == id
        assert not {"ui_metadata", "undefined", "n"} & set(replaced), replaced
        for key in kind.change:
            if key not in kind.minimal(1) and key not in kind.defaults:
                assert replaced.get(key) in (None, {}, [], False), (key, replaced)

        gone = a.delete(f"{at}/{id}", {"ui_metadata": {}}).expect(200)
        assert gone.data["id"] == id
        a.get(f"{at}/{id}").expect(404)
        a.patch(f"{at}/{id}", {"name": "x"}).expect(404)
        a.post(f"{at}/{id}", kind.minimal(1)).expect(404)
        again = a.delete(f"{at}/{id}").expect(404)
        assert again.json["message"] == "bad_identifier" and again.data["cause"] == id
        assert id not in [r["id"] for r in a.get(at).data]
        log = [(c["account_id"], c["kind"], c["object_id"], c["action"], c["actor"]) for c in world.changes(before)]
        assert log == [(world.acme.id, kind.table, id, action, world.acme.admin_id)
                       for action in ("create", "update", "update", "delete")], log
    test.__name__ = f"all_verbs_{kind.path}"
    test.__doc__ = f"{kind.path}: create with defaults, get, list, merge, replace, delete; each in change_log"
    return test


def validation(kind):
    def test(world):
        a, at = world.acme.admin, f"{world.acme.at}/{kind.path}"
        id = world.acme.make(kind.path, kind.minimal(900))
        before, change = world.state_of(world.acme.id), world.last_change()
        wrong = []
        for change_of, field, rule in kind.bad:
            body = kind.minimal(901) | change_of
            replies = [a.put(at, {k: v for k, v in body.items() if v is not None}), a.put(at, body)]
            if None not in change_of.values():
                replies.append(a.patch(f"{at}/{id}", change_of))
                replies.append(a.post(f"{at}/{id}", kind.minimal(900) | change_of))
            for reply in replies:
                found = reply.data if reply.code == 400 else {}
                if rule not in found.get(field, {}) or not found[field][rule]["message"]:
                    wrong.append((reply.what, change_of, field, rule, reply.code, reply.body[:200]))
        assert not wrong, "\n".join(map(str, wrong))
        assert world.state_of(world.acme.id) == before and world.last_change() == change
        a.delete(f"{at}/{id}").expect(200)
    test.__name__ = f"validation_{kind.path}"
    test.__doc__ = f"{kind.path}: {len(kind.bad)} bad values, each refused by field and rule; nothing written"
    return test


def list_pages(kind):
    def test(world):
        t = world.tenant()
        ids = {t.make(kind.path, kind.minimal(n)) for n in range(1, 8)}
        at = f"{t.at}/{kind.path}"
        everything = [r["id"] for r in t.admin.get(at).expect(200).data]
        assert ids <= set(everything) and len(everything) == len(set(everything))
        seen, start, pages = [], None, 0
        while True:
            query = {"page_size": 3} | ({"start_key": start} if start else {})
            reply = t.admin.get(at, **query).expect(200).json
            seen += [r["id"] for r in reply["data"]]
            assert reply["page_size"] == len(reply["data"]) <= 3
            pages += 1
            if "next_start_key" not in reply:
                break
            assert len(reply["data"]) == 3
            start = reply["next_start_key"]
        assert seen == everything and pages == (len(everything) + 2) // 3, (seen, everything)
        for no in ("false", "'false'"):
            reply = t.admin.get(at, paginate=no, page_size=2).json
            assert [r["id"] for r in reply["data"]] == everything and "next_start_key" not in reply
    test.__name__ = f"list_pages_{kind.path}"
    test.__doc__ = f"{kind.path}: pages of 3 give every row once; paginate=false gives all"
    return test


def values_are_cast(world):
    """"20" becomes 20 where a number is wanted, "true" true, 201 "201"; others stay as sent."""
    a, at = world.acme.admin, world.acme.at
    u = a.put(f"{at}/users", {"first_name": "C", "last_name": "D", "timeout": "20", "presence_id": 4711, "enabled": "true",
                              "vm_to_email_enabled": "false", "unknown": "20"}).expect(201).data
    assert (u["timeout"], u["presence_id"], u["enabled"], u["vm_to_email_enabled"], u["unknown"]) == (20, "4711", True, False, "20")
    u = a.patch(f"{at}/users/{u['id']}", {"timeout": 21.0}).expect(200).data
    assert u["timeout"] == 21
    a.delete(f"{at}/users/{u['id']}").expect(200)


def ids_of_the_path_win(world):
    """An id in the body changes nothing, nor do private keys."""
    a, at = world.acme.admin, world.acme.at
    m = a.put(f"{at}/media", {"name": "M", "id": "f" * 32, "_rev": "1", "pvt_account_id": world.rival.id,
                              "content_length": 7, "account_id": world.rival.id}).expect(201).data
    assert m["id"] != "f" * 32 and "_rev" not in m and "pvt_account_id" not in m and "content_length" not in m
    assert world.sql("SELECT account_id FROM media WHERE id = %s", m["id"])[0]["account_id"] == world.acme.id
    n = a.patch(f"{at}/media/{m['id']}", {"id": "e" * 32, "name": "N"}).expect(200).data
    assert n["id"] == m["id"] and n["name"] == "N"
    a.delete(f"{at}/media/{m['id']}").expect(200)


def secrets_are_not_told(world):
    """Passwords are taken, hashed, and in no reply, list, log line or plain column."""
    a, at = world.acme.admin, world.acme.at
    u = a.put(f"{at}/users", {"first_name": "S", "last_name": "T", "username": "sec", "password": "hunter2hunter2"}).expect(201)
    d = a.put(f"{at}/devices", {"name": "D", "owner_id": u.data["id"],
                                "sip": {"username": "secdev", "password": "tunafish99"}}).expect(201)
    told = [u.body, d.body, a.get(f"{at}/users").body, a.get(f"{at}/users/{u.data['id']}").body,
            a.get(f"{at}/devices/{d.data['id']}").body, a.patch(f"{at}/users/{u.data['id']}", {"password": "hunter2hunter2"}).body,
            a.delete(f"{at}/devices/{d.data['id']}").body]
    row = world.sql("SELECT * FROM user WHERE id = %s", u.data["id"])[0]
    told += [str(row).encode(), world.server.log().encode()]
    for text in told:
        assert b"hunter2" not in text and b"tunafish" not in text, text[:500]
    for text in told[:-2]:
        assert b"argon2" not in text and b"ha1" not in text and b'"password":' not in text, text[:500]
    assert row["password_md5"].startswith("$argon2id$") and row["password_sha1"].startswith("$argon2id$")
    a.delete(f"{at}/users/{u.data['id']}").expect(200)


def ha1_of_a_device(world):
    """HA1 = md5(username:realm:password); kept by what does not touch it; a new user name needs the password again."""
    import hashlib
    a, at = world.acme.admin, world.acme.at

    def ha1():
        return world.sql("SELECT sip_ha1 FROM device WHERE id = %s", id)[0]["sip_ha1"]
    id = world.acme.make("devices", {"name": "H", "sip": {"username": "harry", "password": "first one"}})
    first = hashlib.md5(f"harry:{world.acme.realm}:first one".encode()).hexdigest()
    assert ha1() == first
    a.post(f"{at}/devices/{id}", {"name": "H2", "sip": {"username": "harry"}}).expect(200)
    a.patch(f"{at}/devices/{id}", {"enabled": False}).expect(200)
    assert ha1() == first
    assert a.patch(f"{at}/devices/{id}", {"sip": {"username": "hugo"}}).errors == {"sip.password": ["required"]}
    a.patch(f"{at}/devices/{id}", {"sip": {"username": "hugo", "password": "second"}}).expect(200)
    assert ha1() == hashlib.md5(f"hugo:{world.acme.realm}:second".encode()).hexdigest()
    assert "realm" in a.patch(world.acme.at, {"realm": "moved.test"}).errors
    a.delete(f"{at}/devices/{id}").expect(200)


def features_and_modules_in_rows(world):
    """What list rows compute: a user's features, a callflow's modules, hotdesked, counts of messages."""
    t = world.tenant()
    u = t.make("users", {"first_name": "F", "last_name": "G", "smartpbx": {"faxing": {"enabled": True}, "x": {"enabled": False}},
                         "hotdesk": {"enabled": True}, "call_forward": {"enabled": True}, "do_not_disturb": {"enabled": True},
                         "caller_id": {"external": {"number": "+35315550101"}}, "music_on_hold": {"media_id": "abc"}})
    row = [r for r in t.admin.get(f"{t.at}/users").data if r["id"] == u][0]
    assert set(row["features"]) == {"faxing", "hotdesk", "call_forward", "vm_to_email", "do_not_disturb", "caller_id",
                                    "music_on_hold"}, row
    box = t.make("vmboxes", {"name": "B", "mailbox": "1", "owner_id": u})
    for i, folder in enumerate(["new", "new", "saved", "deleted"]):
        world.sql("INSERT INTO vm_message (id, account_id, vmbox_id, folder, timestamp, length_ms, size_bytes, storage_key) "
                  "VALUES (%s,%s,%s,%s,1700000000,1000,10,'x')", f"{i:032x}", t.id, box, folder)
    row = t.admin.get(f"{t.at}/vmboxes").data[0]
    assert row["messages"] == 3 and row["folders"] == {"new": 2, "saved": 1} and row["owner_id"] == u, row
    t.make("callflows", {"numbers": ["1"], "flow": {"module": "user", "data": {"id": u}, "children": {
        "_": {"module": "voicemail", "data": {"id": box, "skip_module": True}, "children": {}}}}})
    flow_row = t.admin.get(f"{t.at}/callflows").data[0]
    assert flow_row["modules"] == ["user"] and flow_row["featurecode"] is False, flow_row
    one = t.admin.get(f"{t.at}/callflows/{flow_row['id']}").data
    assert one["metadata"][u] == {"first_name": "F", "last_name": "G"} and one["metadata"][box] == {"name": "B"}, one
    d = t.make("devices", {"name": "D", "hotdesk": {"users": {u: {}}}})
    rows = t.admin.get(f"{t.at}/users/{u}/devices").data
    assert [(r["id"], r["hotdesked"]) for r in rows] == [(d, True)], rows
    row = t.admin.get(f"{t.at}/devices", with_status="true").data[0]
    assert row["registrable"] is False and row["registered"] is False and row["mac_address"] == "", row
    assert t.admin.get(f"{t.at}/devices/status").data == []
    assert t.admin.get(f"{t.at}/users/{'0' * 32}/devices").code == 404


def a_users_documents_stay_when_he_goes(world):
    """Deleting a user releases devices, boxes and callflows that were his; they are read without an owner."""
    t = world.tenant()
    u = t.make("users", {"first_name": "A", "last_name": "B"})
    made = [("devices", t.make("devices", {"name": "D", "owner_id": u})),
            ("vmboxes", t.make("vmboxes", {"name": "B", "mailbox": "9", "owner_id": u})),
            ("callflows", t.make("callflows", {"numbers": ["9"], "owner_id": u, "flow": flow(code=404)}))]
    t.admin.delete(f"{t.at}/users/{u}").expect(200)
    for kind, id in made:
        assert "owner_id" not in t.admin.get(f"{t.at}/{kind}/{id}").expect(200).data
        t.admin.patch(f"{t.at}/{kind}/{id}", {"x": 1}).expect(200)


TESTS = [make(kind) for kind in KINDS for make in (all_verbs, validation, list_pages)] + [
    values_are_cast, ids_of_the_path_win, secrets_are_not_told, ha1_of_a_device, features_and_modules_in_rows,
    a_users_documents_stay_when_he_goes]
