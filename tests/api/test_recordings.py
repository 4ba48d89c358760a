"""Recorded calls in the API: list, document, sound, delete; what plain users and other tenants see of them: nothing.
SPDX-License-Identifier: GPL-2.0-or-later"""
import os

GREGORIAN = 62167219200


def store_recording(world, t, **columns):
    id = os.urandom(16).hex()
    key = f"{t.id}/recording/{id}.mp3"
    os.makedirs(os.path.dirname(world.server.path("storage", key)), exist_ok=True)
    with open(world.server.path("storage", key), "wb") as f:
        f.write(b"ID3 secret talk")
    row = {"id": id, "account_id": t.id, "name": id + ".mp3", "origin": "callflow", "call_id": "call@x", "direction": "outbound",
           "from_uri": "sip:201@x", "to_uri": "sip:202@x", "request": "sip:202@x", "caller_id_name": "Ann",
           "caller_id_number": "201", "callee_id_number": "202", "start": 1700000000, "duration_ms": 4600, "size_bytes": 15,
           "storage_key": key, "doc": '{"cdr_id": "abc", "media_source": "recorded"}', "created": 1700000010,
           "modified": 1700000010} | columns
    world.sql(f"INSERT INTO recording ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", *row.values())
    return id


def recordings(world):
    """Listed with all that a client wants to show, as document and as sound; deleted with its file."""
    t = world.tenant()
    ids = [store_recording(world, t, caller_id_number=str(200 + i)) for i in range(3)]
    rows = t.admin.get(f"{t.at}/recordings").expect(200).data
    assert {r["id"] for r in rows} == set(ids)
    row = next(r for r in rows if r["id"] == ids[0])
    wanted = {"id": ids[0], "name": ids[0] + ".mp3", "origin": "callflow", "call_id": "call@x", "direction": "outbound",
              "from": "sip:201@x", "to": "sip:202@x", "caller_id_name": "Ann", "caller_id_number": "200",
              "callee_id_number": "202", "start": 1700000000 + GREGORIAN, "duration": 5, "duration_ms": 4600,
              "media_type": "mp3", "content_type": "audio/mpeg", "cdr_id": "abc", "media_source": "recorded"}
    assert row.items() >= wanted.items(), row
    assert "storage_key" not in row and "storage_key" not in t.admin.get(f"{t.at}/recordings/{ids[0]}").data
    assert [r["id"] for r in t.admin.get(f"{t.at}/recordings", filter_caller_id_number="201").data] == [ids[1]]
    one = t.admin.get(f"{t.at}/recordings/{ids[0]}").expect(200).data
    assert one.items() >= wanted.items(), one
    for path, headers in ((f"recordings/{ids[0]}/raw", {}), (f"recordings/{ids[0]}", {"Accept": "audio/mpeg"})):
        r = t.admin.send("GET", f"{t.at}/{path}", None, headers).expect(200)
        assert r.body == b"ID3 secret talk" and r.headers["Content-Type"] == "audio/mpeg", (path, r.body)
    assert t.admin.put(f"{t.at}/recordings", {"name": "x"}).code == 405
    assert t.admin.post(f"{t.at}/recordings/{ids[0]}", {"name": "x"}).code == 405
    t.admin.delete(f"{t.at}/recordings/{ids[0]}").expect(200)
    assert not os.path.exists(world.server.path("storage", t.id, "recording", ids[0] + ".mp3"))
    for path in (f"recordings/{ids[0]}", f"recordings/{ids[0]}/raw", "recordings/" + "0" * 32, "recordings/x", "recordings/x/raw"):
        t.admin.get(f"{t.at}/{path}").expect(404)


def whose_recordings(world):
    """A plain user hears what their own settings had recorded; another tenant nothing at all."""
    t, other = world.tenant(), world.tenant()
    mine = store_recording(world, t, owner_id=t.user_id)
    bosses = store_recording(world, t, owner_id=t.admin_id)
    nobodys = store_recording(world, t)
    assert [r["id"] for r in t.user.get(f"{t.at}/recordings").expect(200).data] == [mine]
    assert [r["id"] for r in t.user.get(f"{t.at}/users/{t.user_id}/recordings").expect(200).data] == [mine]
    t.user.get(f"{t.at}/users/{t.admin_id}/recordings").expect(403)
    t.user.get(f"{t.at}/recordings/{mine}").expect(200)
    assert t.user.get(f"{t.at}/recordings/{mine}/raw").expect(200).body == b"ID3 secret talk"
    for id in (bosses, nobodys):
        for path in (f"recordings/{id}", f"recordings/{id}/raw", f"users/{t.user_id}/recordings/{id}",
                     f"users/{t.admin_id}/recordings/{id}"):
            r = t.user.get(f"{t.at}/{path}")
            assert r.code in (403, 404) and b"secret" not in r.body, (path, r.code)
        assert t.user.send("GET", f"{t.at}/recordings/{id}", None, {"Accept": "audio/mpeg"}).code == 404
    t.user.delete(f"{t.at}/recordings/{mine}").expect(403)
    assert [r["id"] for r in t.admin.get(f"{t.at}/users/{t.admin_id}/recordings").data] == [bosses]
    t.admin.get(f"{t.at}/users/{t.user_id}/recordings/{bosses}").expect(404)
    assert other.admin.get(f"{other.at}/recordings").data == []
    for id in (mine, bosses, nobodys):
        other.admin.get(f"{t.at}/recordings/{id}").expect(403)
        other.admin.get(f"{other.at}/recordings/{id}").expect(404)
        other.admin.get(f"{other.at}/recordings/{id}/raw").expect(404)
        other.admin.delete(f"{other.at}/recordings/{id}").expect(404)
    assert len(t.admin.get(f"{t.at}/recordings").data) == 3


TESTS = [recordings, whose_recordings]
