"""Filters and pages of lists: over whole documents. SPDX-License-Identifier: GPL-2.0-or-later"""
import time

from world import flow

GREGORIAN = 62167219200


def setup(world):
    if not hasattr(world, "filtered"):
        t = world.filtered = world.tenant()
        extra = {
            "a": {"type": "main", "ui_metadata": {"origin": "voip"}, "n": 5, "on": True, "list": ["one"], "empty": "",
                  "nested": {"deep": {"x": "y"}}},
            "b": {"type": "main", "ui_metadata": {"origin": "callflows"}, "owner_id": t.user_id, "n": "5", "on": False,
                  "list": ["one", "two"], "nothing": None, "none": []},
            "c": {"owner_id": t.admin_id, "featurecode": {"name": "park", "number": "3"}, "on": "true"},
            "d": {"group_id": "f" * 32, "type": "userGroup", "quote": "a'b\"c"},
        }
        t.ids = {k: t.make("callflows", {"name": k, "numbers": ["no_match" if k == "d" else "5" + str(i)],
                                         "flow": flow("response" if k != "c" else "play", id="x")} | v)
                 for i, (k, v) in enumerate(extra.items())}
    return world.filtered


TABLE = [  # query, the names it gives
    ({}, "abcd"),
    ({"filter_type": "main"}, "ab"), ({"filter_type": "nope"}, ""), ({"filter_type": ""}, "c"),
    ({"filter_type": "main", "filter_ui_metadata.origin": "voip"}, "a"),
    ({"filter_not_ui_metadata.origin": "voip"}, "bcd"),
    ({"filter_not_ui_metadata.origin": ["voip", "callflows"]}, "cd"),
    ({"filter_type": '["main","userGroup"]'}, "abd"), ({"filter_type": "[]"}, ""), ({"filter_type": "[broken"}, ""),
    ({"filter_not_type": '["main","userGroup"]'}, "c"),
    ({"filter_n": "5"}, "ab"), ({"filter_on": "true"}, "ac"), ({"filter_on": "false"}, "b"),
    ({"filter_numbers": "no_match"}, "d"), ({"filter_not_numbers": "no_match"}, "abc"),
    ({"filter_list": "one"}, "a"), ({"filter_list.0": "one"}, "ab"), ({"filter_list.1": "two"}, "b"),
    ({"filter_nested.deep.x": "y"}, "a"), ({"filter_nested.deep": "y"}, ""), ({"filter_nested.deep.x.y": "y"}, ""),
    ({"filter_flow.module": "play"}, "c"), ({"filter_flow.data.id": "x"}, "abcd"), ({"filter_name": "a"}, "a"),
    ({"filter_quote": "a'b\"c"}, "d"), ({"filter_name": "a' OR '1'='1"}, ""), ({"filter_name": "%"}, ""),
    ({"has_key": "type"}, "abd"), ({"has_key": "featurecode"}, "c"), ({"has_key": "featurecode.name"}, "c"),
    ({"key_missing": "type"}, "c"), ({"key_missing": ["owner_id", "group_id"]}, "a"),
    ({"has_value": "type", "key_missing": ["owner_id", "group_id"]}, "a"),
    ({"has_value": "empty"}, ""), ({"has_key": "empty"}, "a"), ({"has_value": "none"}, ""), ({"value_missing": "type"}, "c"),
    ({"has_value": "nested.deep"}, "a"), ({"has_type": "type"}, "abcd"), ({"pagiante": "false"}, "abcd"), ({"_": "1"}, "abcd"),
    ({"filter_": "x"}, "abcd"), ({"created_from": str(int(time.time()) + GREGORIAN - 3600)}, "abcd"),
    ({"created_from": str(int(time.time()) + GREGORIAN + 3600)}, ""), ({"created_to": str(int(time.time()) + GREGORIAN - 3600)}, ""),
    ({"modified_from": str(int(time.time()) + GREGORIAN - 3600), "modified_to": str(int(time.time()) + GREGORIAN + 3600)}, "abcd"),
    ({"modified_to": "1"}, ""),
]


def table(world):
    """Every kind of filter, alone and together."""
    t = setup(world)
    names = {id: k for k, id in t.ids.items()}
    wrong = []
    for query, expected in TABLE:
        r = t.admin.get(f"{t.at}/callflows", **query)
        got = "".join(sorted(names[row["id"]] for row in r.data)) if r.code == 200 else r.code
        if got != expected:
            wrong.append((query, "expected", expected, "got", got))
    assert not wrong, "\n".join(map(str, wrong))
    r = t.admin.get(f"{t.at}/callflows", filter_owner_id=t.user_id)
    assert [names[x["id"]] for x in r.data] == ["b"]


def filters_and_pages_together(world):
    """Pages count what passes the filter."""
    t = setup(world)
    first = t.admin.get(f"{t.at}/callflows", has_key="type", page_size="2").expect(200).json
    assert [r["name"] for r in first["data"]] == ["a", "b"] or len(first["data"]) == 2
    second = t.admin.get(f"{t.at}/callflows", has_key="type", page_size="2", start_key=first["next_start_key"]).json
    assert sorted(r["name"] for r in first["data"] + second["data"]) == ["a", "b", "d"] and "next_start_key" not in second
    for odd in ("nonsense", "", "'; DROP TABLE callflow; --", "9" * 500):
        t.admin.get(f"{t.at}/callflows", page_size="2", start_key=odd).expect(200)
    for size in ("0", "-1", "x", "99999999999999999999"):
        assert len(t.admin.get(f"{t.at}/callflows", page_size=size).expect(200).data) == 4


def secrets_cannot_be_searched(world):
    """A filter sees no more than its caller: no other user's PIN digit by digit."""
    t = setup(world)
    t.make("vmboxes", {"name": "b", "mailbox": "1", "pin": "4711", "owner_id": t.admin_id})
    assert len(t.admin.get(f"{t.at}/vmboxes", filter_pin="4711").data) == 1
    assert t.user.get(f"{t.at}/vmboxes", filter_pin="4711").data == []
    for key in ("password", "password_md5", "sip_ha1", "pvt_limits"):
        for what in ("users", "devices"):
            assert t.admin.get(f"{t.at}/{what}", has_key=key).data == []


def numbers_and_media_by_state(world):
    """Other lists know the same filters."""
    t = setup(world)
    number = world.give_number(t)
    assert set(t.admin.get(f"{t.at}/phone_numbers", filter_state='["in_service","port_in"]').data["numbers"]) == {number}
    assert t.admin.get(f"{t.at}/phone_numbers", filter_state="port_in").data["numbers"] == {}
    a, b = t.make("media", {"name": "a"}), t.make("media", {"name": "b", "type": "mainGreeting"})
    assert [r["id"] for r in t.admin.get(f"{t.at}/media", key_missing="type").data] == [a] != [b]


TESTS = [table, filters_and_pages_together, secrets_cannot_be_searched, numbers_and_media_by_state]
