"""Rules of the plain documents: who is in a directory, what a group holds, what a deleted rule leaves, pins.
SPDX-License-Identifier: GPL-2.0-or-later"""
from world import flow


def directory_members(world):
    """A directory tells who names it in his own map, with the callflow; odd keys that portals send are kept."""
    t = world.tenant()
    a, at = t.admin, t.at
    book, other = t.make("directories", {"name": "Book"}), t.make("directories", {"name": "Other"})
    target = t.make("callflows", {"numbers": ["201"], "flow": flow(code=486)})
    a.patch(f"{at}/users/{t.user_id}", {"directories": {book: target, "undefined": target}}).expect(200)
    assert a.get(f"{at}/directories/{book}").data["users"] == [{"user_id": t.user_id, "callflow_id": target}]
    assert a.get(f"{at}/directories/{other}").data["users"] == []
    a.patch(f"{at}/directories/{book}", {"users": [], "name": "Books"}).expect(200)
    assert len(a.get(f"{at}/directories/{book}").data["users"]) == 1
    a.delete(f"{at}/directories/{book}").expect(200)
    user = a.get(f"{at}/users/{t.user_id}").data
    assert user["directories"] == {"undefined": target}, user["directories"]


def a_group_and_who_leaves(world):
    """A row counts endpoints and names features; a user, device or group that is deleted is in no group."""
    t = world.tenant()
    a, at = t.admin, t.at
    phone = t.make("devices", {"name": "p"})
    inner = t.make("groups", {"name": "inner", "endpoints": {phone: {"type": "device"}}})
    group = t.make("groups", {"name": "g", "endpoints": {t.user_id: {"type": "user", "weight": "1"}, phone: {"type": "device"},
                                                          inner: {"type": "group"}},
                              "smartpbx": {"ringback": {"enabled": True}, "forward": {"enabled": False}},
                              "music_on_hold": {"media_id": "x" * 32}})
    row = [r for r in a.get(f"{at}/groups").data if r["id"] == group][0]
    assert row["endpoints"] == 3 and row["features"] == ["ringback", "music_on_hold"], row
    assert a.get(f"{at}/groups/{group}").data["endpoints"][t.user_id] == {"type": "user", "weight": 1}
    assert a.patch(f"{at}/groups/{group}", {"endpoints": {group: {"type": "group"}}}).errors == {f"endpoints.{group}": ["invalid"]}
    assert a.patch(f"{at}/groups/{group}", {"endpoints": {phone: {"type": "user"}}}).errors == {f"endpoints.{phone}": ["not_found"]}
    a.delete(f"{at}/devices/{phone}").expect(200)
    a.delete(f"{at}/groups/{inner}").expect(200)
    assert set(a.get(f"{at}/groups/{group}").data["endpoints"]) == {t.user_id}
    a.delete(f"{at}/users/{t.user_id}").expect(200)
    assert a.get(f"{at}/groups/{group}").data["endpoints"] == {}


def a_rule_leaves_its_sets(world):
    """Deleting a rule takes it out of the sets that name it; lists filter by type and key."""
    t = world.tenant()
    a, at = t.admin, t.at
    one = t.make("temporal_rules", {"name": "one", "cycle": "date", "type": "main_holidays"})
    two = t.make("temporal_rules", {"name": "two", "cycle": "yearly", "month": 12, "days": [25]})
    both = t.make("temporal_rules_sets", {"name": "both", "type": "main_holidays", "temporal_rules": [one, two]})
    assert a.get(f"{at}/temporal_rules_sets", filter_type="main_holidays").data[0]["rules"] == [one, two]
    assert [r["id"] for r in a.get(f"{at}/temporal_rules", has_key="type").data] == [one]
    assert a.put(f"{at}/temporal_rules_sets", {"name": "x", "temporal_rules": [one, one]}).errors == {"temporal_rules": ["uniqueItems"]}
    a.delete(f"{at}/temporal_rules/{one}").expect(200)
    assert a.get(f"{at}/temporal_rules_sets/{both}").data["temporal_rules"] == [two]


def pins_are_for_admins_and_owners(world):
    """A plain user of the account sees rooms, but the pins of his own only."""
    t = world.tenant()
    room = {"name": "r", "member": {"pins": ["1234"]}, "moderator": {"pins": ["9999"]}}
    his = t.make("conferences", room | {"owner_id": t.user_id})
    other = t.make("conferences", room)
    assert t.user.get(f"{t.at}/conferences/{his}").data["member"]["pins"] == ["1234"]
    for path in (f"conferences/{other}", f"conferences?filter_id={other}"):
        body = t.user.get(f"{t.at}/{path}").expect(200).body
        assert b"1234" not in body and b"9999" not in body, body
    t.user.patch(f"{t.at}/conferences/{his}", {"member": {"pins": ["4321"]}}).expect(200)
    t.user.patch(f"{t.at}/conferences/{other}", {"member": {"pins": ["4321"]}}).expect(403)
    assert t.user.patch(f"{t.at}/conferences/{his}", {"conference_numbers": ["77"]}).errors == {"conference_numbers": ["forbidden"]}


def a_room_without_a_name(world):
    """What SmartPBX sends for a user's conference; a name is not needed."""
    t = world.tenant()
    c = t.admin.put(f"{t.at}/conferences", {"owner_id": t.user_id, "play_name_on_join": True, "member": {"join_muted": False},
                                            "conference_numbers": ["7201"], "markers": {"monster": {"source": "smartpbx"}},
                                            "video": False}).expect(201).data
    assert c["name"] and c["member"] == {"join_muted": False, "join_deaf": False, "numbers": [], "pins": []} and c["video"] is False
    assert [r["id"] for r in t.admin.get(f"{t.at}/conferences", filter_owner_id=t.user_id).data] == [c["id"]]


TESTS = [directory_members, a_group_and_who_leaves, a_rule_leaves_its_sets, pins_are_for_admins_and_owners, a_room_without_a_name]
