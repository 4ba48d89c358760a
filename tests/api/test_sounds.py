"""Sounds and messages: uploads are converted, messages listed, moved, heard, deleted; call records.
SPDX-License-Identifier: GPL-2.0-or-later"""
import base64
import csv
import ctypes
import ctypes.util
import io
import math
import os
import struct
import wave

GREGORIAN = 62167219200


def wav(rate=44100, channels=2, tones=(440,), seconds=1.0, width=2):
    out = io.BytesIO()
    w = wave.open(out, "wb")
    w.setnchannels(channels)
    w.setsampwidth(width)
    w.setframerate(rate)
    frames = bytearray()
    for i in range(int(rate * seconds)):
        v = sum(math.sin(2 * math.pi * f * i / rate) for f in tones) * 0.4 / max(1, len(tones))
        one = struct.pack("<h", int(v * 32767)) if width == 2 else struct.pack("B", int(128 + v * 127))
        frames += one * channels
    w.writeframes(bytes(frames))
    w.close()
    return out.getvalue()


def levels(content, *tones):
    """Amplitude of each tone, of a wav as storage keeps it."""
    w = wave.open(io.BytesIO(content))
    assert (w.getnchannels(), w.getsampwidth(), w.getframerate()) == (1, 2, 8000), w.getparams()
    n = w.getnframes()
    s = struct.unpack(f"<{n}h", w.readframes(n))
    return n / 8000, [math.hypot(sum(v * math.cos(2 * math.pi * f * i / 8000) for i, v in enumerate(s)),
                                 sum(v * math.sin(2 * math.pi * f * i / 8000) for i, v in enumerate(s))) * 2 / n / 32767
                      for f in tones]


def upload(t, id, content, content_type, verb="POST", client=None):
    return (client or t.admin).send(verb, f"{t.at}/media/{id}/raw", content, {"Content-Type": content_type})


def every_form_becomes_8_khz_mono(world):
    """wav of several shapes and data URLs: kept as 8 kHz 16-bit mono, the tone at its pitch, nothing folded back."""
    t = world.tenant()
    id = t.make("media", {"name": "greeting"})
    t.admin.get(f"{t.at}/media/{id}/raw").expect(404)
    plain = wav(tones=(440, 6000))
    forms = [(plain, "audio/wav"), (plain, "audio/x-wav"), (wav(8000, 1), "audio/wav"), (wav(48000, 1), "application/octet-stream"),
             (wav(16000, 2, width=1), "audio/wav"), (wav(11025, 1), "audio/wav"), (wav(8000, 2), "audio/wav"),
             (b"data:audio/wav;base64," + base64.b64encode(plain), "application/x-base64"),
             (b"data:audio/wav;base64," + base64.encodebytes(wav(22050, 1)), "application/x-base64")]
    for i, (content, content_type) in enumerate(forms):
        doc = upload(t, id, content, content_type, "PUT" if i % 2 else "POST").expect(200).data
        assert doc["content_type"] == "audio/x-wav" and doc["content_length"] > 8000, doc
        r = t.admin.get(f"{t.at}/media/{id}/raw").expect(200)
        assert r.headers["Content-Type"] == "audio/x-wav" and len(r.body) == doc["content_length"]
        seconds, (tone, folded) = levels(r.body, 440, 2000)
        assert abs(seconds - 1) < 0.1 and 0.15 < tone < 0.45 and folded < 0.01, (i, seconds, tone, folded)
    key = world.sql("SELECT storage_key FROM media WHERE id = %s", id)[0]["storage_key"]
    folder = world.server.path("storage", t.id, "media")
    assert os.listdir(folder) == [os.path.basename(key)]  # old ones are gone
    assert plain not in open(world.server.path("storage", key), "rb").read()
    t.admin.post(f"{t.at}/media/{id}", {"name": "renamed"}).expect(200)
    t.admin.get(f"{t.at}/media/{id}/raw", auth_token=t.admin.token).expect(200)
    assert world.changes()[-1]["kind"] == "media"
    t.admin.delete(f"{t.at}/media/{id}").expect(200)
    assert os.listdir(folder) == []


def mp3_made_by_a_worker(world):
    """mp3 as our own library writes it is decoded."""
    lame = ctypes.CDLL(ctypes.util.find_library("mp3lame"))
    lame.lame_init.restype = ctypes.c_void_p
    g = ctypes.c_void_p(lame.lame_init())
    lame.lame_set_in_samplerate(g, 16000)
    lame.lame_set_num_channels(g, 1)
    lame.lame_set_mode(g, 3)
    assert lame.lame_init_params(g) >= 0
    n = 32000
    samples = (ctypes.c_short * n)(*[int(12000 * math.sin(2 * math.pi * 880 * i / 16000)) for i in range(n)])
    out = (ctypes.c_ubyte * (n * 2 + 7200))()
    size = lame.lame_encode_buffer(g, samples, samples, n, out, len(out))
    end = (ctypes.c_ubyte * 7200)()
    last = lame.lame_encode_flush(g, end, len(end))
    lame.lame_close(g)
    t = world.tenant()
    id = t.make("media", {"name": "mp3"})
    upload(t, id, bytes(out[:size]) + bytes(end[:last]), "audio/mpeg").expect(200)
    seconds, (tone, other) = levels(t.admin.get(f"{t.at}/media/{id}/raw").expect(200).body, 880, 440)
    assert abs(seconds - 2) < 0.2 and tone > 0.15 and other < 0.02, (seconds, tone, other)


def all_have_one_loudness(world):
    """Quiet, loud and clipped uploads come out equally loud; silence stays silence."""
    t = world.tenant()
    id = t.make("media", {"name": "music"})
    heard = []
    for level in (600, 6000, 32000):
        w = io.BytesIO()
        with wave.open(w, "wb") as f:
            f.setnchannels(1)
            f.setsampwidth(2)
            f.setframerate(8000)
            f.writeframes(b"".join(struct.pack("<h", int(level * math.sin(2 * math.pi * 440 * i / 8000))) for i in range(16000)))
        upload(t, id, w.getvalue(), "audio/wav").expect(200)
        _, (tone,) = levels(t.admin.get(f"{t.at}/media/{id}/raw").expect(200).body, 440)
        heard.append(tone)
    assert max(heard) / min(heard) < 1.03 and 0.18 < heard[0] < 0.27, heard
    upload(t, id, wav(tones=(), seconds=1.0), "audio/wav").expect(200)
    _, (tone,) = levels(t.admin.get(f"{t.at}/media/{id}/raw").expect(200).body, 440)
    assert tone < 0.001, tone


def what_is_no_sound(world):
    """Noise, cut files, wrong types, other media: refused by name, the old sound stays."""
    t = world.tenant()
    id = t.make("media", {"name": "m"})
    good = wav(8000, 1)
    upload(t, id, good, "audio/wav").expect(200)
    before = t.admin.get(f"{t.at}/media/{id}/raw").body
    row = world.sql("SELECT * FROM media WHERE id = %s", id)
    long = io.BytesIO()
    w = wave.open(long, "wb")
    w.setparams((1, 1, 1000, 0, "NONE", ""))
    w.writeframes(b"\x80" * (1000 * 60 * 31))
    w.close()
    for content, kind in ((b"garbage", "audio/mpeg"), (b"", "audio/wav"), (good[:30], "audio/wav"), (b"RIFF" * 100, "audio/wav"),
                          (b"\xff\xfb" + os.urandom(5000), "audio/mpeg"), (b"ID3" + b"\0" * 100, "audio/mpeg"),
                          (os.urandom(50000), "application/octet-stream"), (b"<html></html>", "audio/wav"),
                          (b"data:audio/wav;base64,@@@@", "application/x-base64"), (b"data:audio/wav,xx", "application/x-base64"),
                          (b"no url", "application/x-base64"), (b"data:;base64," + base64.b64encode(b"text"), "application/x-base64"),
                          (long.getvalue(), "audio/wav")):
        r = upload(t, id, content, kind)
        assert r.errors == {"raw": ["invalid"]}, (content[:20], kind, r.code, r.body[:200])
    for kind in ("application/json", "text/plain", "image/png", "multipart/form-data; boundary=x", ""):
        upload(t, id, good, kind).expect(415)
    upload(t, "0" * 32, good, "audio/wav").expect(404)
    upload(t, "..%2F..%2Fetc", good, "audio/wav").expect(404)
    upload(t, id, good, "audio/wav", client=t.user).expect(403)
    assert t.admin.get(f"{t.at}/media/{id}/raw").body == before and world.sql("SELECT * FROM media WHERE id = %s", id) == row
    assert len(os.listdir(world.server.path("storage", t.id, "media"))) == 1


def large_uploads(world):
    """6 MB is the limit, in nginx and behind it."""
    t = world.tenant()
    id = t.make("media", {"name": "m"})
    five = wav(44100, 1, seconds=1) + b"\0" * (5 * 1024 * 1024)
    assert upload(t, id, five, "audio/wav").code in (200, 400)
    r = upload(t, id, b"\0" * (6 * 1024 * 1024 + 1), "audio/wav").expect(413)
    assert r.json["status"] == "error" and r.headers["Content-Type"] == "application/json"
    r = upload(t, id, b"\0" * (8 * 1024 * 1024), "audio/wav").expect(413)
    assert r.json["error"] == "413" and r.headers["Content-Type"] == "application/json"


def store_message(world, t, box, sound=b"ID3 sound", **columns):
    id = os.urandom(16).hex()
    key = f"{t.id}/vm/{id}.mp3"
    os.makedirs(os.path.dirname(world.server.path("storage", key)), exist_ok=True)
    with open(world.server.path("storage", key), "wb") as f:
        f.write(sound)
    row = {"id": id, "account_id": t.id, "vmbox_id": box, "timestamp": 1700000000, "length_ms": 1234, "size_bytes": len(sound),
           "storage_key": key, "from_uri": "201@x", "to_uri": "202@x", "caller_id_name": "Ann", "caller_id_number": "201",
           "call_id": "abc"} | columns
    world.sql(f"INSERT INTO vm_message ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", *row.values())
    return id


def messages(world):
    """Listed newest first, paged, filtered, heard, moved, deleted with their files; each change in change_log."""
    t = world.tenant()
    box = t.make("vmboxes", {"name": "b", "mailbox": "1"})
    at = f"{t.at}/vmboxes/{box}/messages"
    ids = [store_message(world, t, box, timestamp=1700000000 + i, caller_id_name=f"Caller {i}") for i in range(5)]
    rows = t.admin.get(at).expect(200).data
    assert [r["media_id"] for r in rows] == ids[::-1]
    assert rows[-1] == {"media_id": ids[0], "folder": "new", "timestamp": 1700000000 + GREGORIAN, "from": "201@x", "to": "202@x",
                        "caller_id_name": "Caller 0", "caller_id_number": "201", "call_id": "abc", "length": 1234,
                        "content_type": "audio/mpeg", "size": 9}, rows[-1]
    one = t.admin.get(at, page_size="2").json
    two = t.admin.get(at, page_size="2", start_key=one["next_start_key"]).json
    assert [r["media_id"] for r in one["data"] + two["data"]] == ids[::-1][:4]
    r = t.admin.get(f"{at}/{ids[0]}/raw").expect(200)
    assert r.body == b"ID3 sound" and r.headers["Content-Type"] == "audio/mpeg" and ids[0] in r.headers["Content-Disposition"]
    t.admin.with_token(None).get(f"{at}/{ids[0]}/raw", auth_token=t.admin.token).expect(200)
    before = world.last_change()
    missing = "0" * 32
    r = t.admin.post(at, {"folder": "saved", "messages": ids[:2] + [missing]}).expect(200).data
    assert r == {"succeeded": ids[:2], "failed": [{missing: "not_found"}]}, r
    assert {m["media_id"] for m in t.admin.get(at, filter_folder="saved").data} == set(ids[:2])
    assert t.admin.post(f"{at}/{ids[2]}", {"folder": "deleted"}).expect(200).data["folder"] == "deleted"
    assert t.admin.get(f"{t.at}/vmboxes/{box}").data["folders"] == {"new": 2, "saved": 2}
    changes = [(c["kind"], c["object_id"], c["action"]) for c in world.changes(before)]
    assert changes == [("vm_message", box, "update")] * 2, changes
    r = t.admin.delete(at, {"messages": ids[:3]}).expect(200).data
    assert r["succeeded"] == ids[:3] and len(t.admin.get(at).data) == 2
    for id in ids[:3]:
        assert not os.path.exists(world.server.path("storage", t.id, "vm", id + ".mp3"))
        t.admin.get(f"{at}/{id}").expect(404)
        t.admin.get(f"{at}/{id}/raw").expect(404)
    t.admin.delete(f"{at}/{ids[3]}").expect(200)
    for bad, field in (({}, "messages"), ({"messages": "x", "folder": "new"}, "messages"), ({"messages": ["x"], "folder": "new"}, "messages"),
                       ({"messages": [], "folder": "bin"}, "folder"), ({"messages": [{}], "folder": "new"}, "messages")):
        assert field in t.admin.post(at, bad).errors, bad
    other = t.make("vmboxes", {"name": "c", "mailbox": "2"})
    t.admin.get(f"{t.at}/vmboxes/{other}/messages/{ids[4]}").expect(404)  # another box's
    t.admin.delete(f"{t.at}/vmboxes/{box}").expect(200)
    assert not os.path.exists(world.server.path("storage", t.id, "vm", ids[4] + ".mp3"))
    assert not world.sql("SELECT id FROM vm_message WHERE vmbox_id = %s", box)


def a_message_whose_file_is_gone(world):
    """The list goes on; its sound is a 404, its deletion works."""
    t = world.tenant()
    box = t.make("vmboxes", {"name": "b", "mailbox": "1"})
    id = store_message(world, t, box)
    os.unlink(world.server.path("storage", t.id, "vm", id + ".mp3"))
    evil = store_message(world, t, box, storage_key="../etc/centrex.cfg")
    assert len(t.admin.get(f"{t.at}/vmboxes/{box}/messages").data) == 2
    for m in (id, evil):
        t.admin.get(f"{t.at}/vmboxes/{box}/messages/{m}/raw").expect(404)
        t.admin.delete(f"{t.at}/vmboxes/{box}/messages/{m}").expect(200)
    assert os.path.exists(world.server.path("etc", "centrex.cfg"))


def store_cdr(world, t, **columns):
    row = {"id": os.urandom(16).hex(), "account_id": t.id, "interaction_id": os.urandom(16).hex(), "call_id": "c@x",
           "call_direction": "internal", "start_ms": 1700000000000, "answer_ms": 1700000002000, "end_ms": 1700000005000,
           "duration_ms": 5000, "billing_ms": 3000, "sip_code": 200, "hangup_cause": "NORMAL_CLEARING", "hangup_by": "caller",
           "caller_id_name": "Ann", "caller_id_number": "201", "callee_id_name": "Bob", "callee_id_number": "202",
           "from_uri": "sip:201@x", "to_uri": "sip:202@x", "request": "sip:202@x"} | columns
    world.sql(f"INSERT INTO cdr ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", *row.values())
    return row["id"]


def call_records(world):
    """Newest first, pages, time range, interactions and legs, one record, CSV that no spreadsheet runs, own calls only."""
    t = world.tenant()
    shared = os.urandom(16).hex()
    ids = [store_cdr(world, t, start_ms=1700000000000 + i * 1000, end_ms=1700000005000 + i * 1000,
                     interaction_id=shared if i in (1, 2) else os.urandom(16).hex(), call_id=f"call{i}@x",
                     owner_id=t.user_id if i == 4 else None, mos="4.10" if i == 0 else None,
                     caller_id_name="=cmd|' /C calc'!A0" if i == 3 else 'Ann "the" Archer, X') for i in range(5)]
    at = f"{t.at}/cdrs"
    rows = t.admin.get(at).expect(200).data
    assert [r["id"] for r in rows] == ids[::-1]
    first = rows[-1]
    assert first["timestamp"] == 1700000000 + GREGORIAN and first["duration_seconds"] == 5 and first["billing_seconds"] == 3
    assert first["mos"] == 4.1 and "mos" not in rows[0] and first["hangup_cause"] == "NORMAL_CLEARING"
    assert first["caller_id_number"] == "201" and first["callee_id_number"] == "202" and first["call_id"] == "call0@x"
    assert [r["id"] for r in t.admin.get(f"{at}/interaction").data] == [ids[4], ids[3], ids[1], ids[0]]
    seen, start = [], None
    while True:
        j = t.admin.get(f"{at}/interaction", page_size="3", **({"start_key": start} if start else {})).json
        seen += [r["id"] for r in j["data"]]
        start = j.get("next_start_key")
        if not start:
            break
    assert seen == [ids[4], ids[3], ids[1], ids[0]]
    at_2, at_3 = 1700000002 + GREGORIAN, 1700000003 + GREGORIAN
    assert [r["id"] for r in t.admin.get(at, created_from=str(at_2), created_to=str(at_3)).data] == [ids[3], ids[2]]
    assert [r["id"] for r in t.admin.get(f"{at}/legs/{shared}").data] == [ids[1], ids[2]]
    assert [r["id"] for r in t.admin.get(f"{at}/legs/call3%40x").data] == [ids[3]]
    assert t.admin.get(f"{at}/{ids[2]}").data["interaction_id"] == shared
    t.admin.get(f"{at}/{'0' * 32}").expect(404)
    assert [r["id"] for r in t.user.get(at).data] == [ids[4]]
    assert [r["id"] for r in t.admin.get(at, filter_callee_id_number="202", filter_call_id="call1@x").data] == [ids[1]]
    r = t.admin.with_token(None).get(at, accept="text/csv", auth_token=t.admin.token, paginate="false").expect(200)
    assert r.headers["Content-Type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(r.body.decode())))
    assert [x["id"] for x in table] == ids[::-1] and table[0]["caller_id_name"] == 'Ann "the" Archer, X'
    assert table[1]["caller_id_name"].startswith("'="), table[1]
    t.admin.put(at, {}).expect(405)


def texts_are_spoken(world):
    """media_source "tts": spoken when it is saved, again when the text changes, and not when anything else does."""
    t = world.tenant()
    doc = t.admin.put(f"{t.at}/media", {"name": "welcome", "media_source": "tts",
                                        "tts": {"text": "You have reached our office.", "voice": "female"}}).expect(201).data
    id = doc["id"]
    first = t.admin.get(f"{t.at}/media/{id}/raw").expect(200).body
    seconds, _ = levels(first)
    assert 1 < seconds < 5, seconds
    told = t.admin.get(f"{t.at}/media/{id}").expect(200).data
    assert told["content_type"] == "audio/x-wav" and told["content_length"] == len(first), told
    key = world.sql("SELECT storage_key FROM media WHERE id = %s", id)[0]["storage_key"]
    t.admin.patch(f"{t.at}/media/{id}", {"name": "welcome again"}).expect(200)
    assert world.sql("SELECT storage_key FROM media WHERE id = %s", id)[0]["storage_key"] == key
    t.admin.patch(f"{t.at}/media/{id}", {"tts": {"text": "We are closed today. Please call again tomorrow morning."}}).expect(200)
    second = t.admin.get(f"{t.at}/media/{id}/raw").expect(200).body
    assert levels(second)[0] > seconds and second != first


TESTS = [texts_are_spoken, every_form_becomes_8_khz_mono, mp3_made_by_a_worker, all_have_one_loudness, what_is_no_sound, large_uploads, messages,
         a_message_whose_file_is_gone, call_records]
