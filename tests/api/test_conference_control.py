"""Conferences that are going on, as the API tells and commands them. The worker is played by a socket of the test's:
what it is asked and what becomes of its answers is looked at here; real workers are in the end-to-end tests.
SPDX-License-Identifier: GPL-2.0-or-later"""
import json
import os
import socket
import threading
import time

GREGORIAN = 62167219200


class Worker:
    """Answers on DIR/mediaN.ctl with what `answer` says to a request; keeps the requests."""

    def __init__(self, world, number, answer):
        self.path, self.answer, self.asked = world.server.path(f"media{number}.ctl"), answer, []
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        self.sock.settimeout(0.1)
        self.stop = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stop:
            try:
                data, source = self.sock.recvfrom(65536)
            except socket.timeout:
                continue
            self.asked.append(json.loads(data))
            reply = self.answer(self.asked[-1])
            if reply is not None:
                try:
                    self.sock.sendto(reply if isinstance(reply, bytes) else json.dumps(reply).encode(), source)
                except OSError:
                    pass  # another one has answered already

    def wait_asked(self):
        end = time.monotonic() + 5
        while not self.asked and time.monotonic() < end:
            time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop = True
        self.thread.join(2)
        self.sock.close()
        os.unlink(self.path)


def not_here(_):
    return {"ok": False, "error": "not_here"}


def two_are_in(request):
    if request["command"] != "participants":
        return {"ok": True, "count": 1}
    who = {"call_id": "x", "hear": True, "speak": True, "talking": False, "duration": 5, "join_time": 1000}
    return {"ok": True, "locked": True, "wait": False, "began": 1000, "participants": [
        dict(who, participant_id=1, is_moderator=True), dict(who, participant_id=2, is_moderator=False)]}


def room(world):
    t = world.tenant()
    return t, t.make("conferences", {"name": "Room", "conference_numbers": ["7201"], "member": {"join_muted": False}})


def nobody_is_in_it(world):
    t, id = room(world)
    at = f"{t.at}/conferences/{id}"
    assert t.admin.get(f"{at}/participants").expect(200).data == []
    assert "_read_only" not in t.admin.get(at).expect(200).data
    t.admin.put(at, {"action": "lock"}).expect(404)
    t.admin.put(f"{at}/participants", {"action": "mute"}).expect(404)
    t.admin.put(f"{at}/participants/1", {"action": "mute"}).expect(404)


def the_worker_that_has_it_answers(world):
    """Two workers: one says not_here, the other knows; a third file is of a worker that is gone."""
    t, id = room(world)
    at = f"{t.at}/conferences/{id}"
    open(world.server.path("media7.ctl"), "w").close()
    try:
        with Worker(world, 0, not_here) as w0, Worker(world, 1, two_are_in) as w1:
            people = t.admin.get(f"{at}/participants").expect(200).data
            assert [p["participant_id"] for p in people] == [1, 2] and people[0]["join_time"] == 1000 + GREGORIAN
            for w in (w0, w1):
                w.wait_asked()  # the other one may have answered before this one has read
                assert w.asked == [{"subject": "conference", "command": "participants", "account": t.id, "conference": id}]
            now = t.admin.get(at).expect(200).data["_read_only"]
            assert (now["members"], now["admins"], now["is_locked"]) == (1, 1, True) and now["duration"] > 1e9
            # what is told is not written back
            t.admin.post(at, t.admin.get(at).data).expect(200)
            assert "_read_only" not in world.server.sql("SELECT doc FROM conference WHERE id = %s", id)[0]["doc"]
    finally:
        os.unlink(world.server.path("media7.ctl"))


def commands_reach_the_worker(world):
    t, id = room(world)
    at = f"{t.at}/conferences/{id}"
    with Worker(world, 0, two_are_in) as w:
        for path, action, participant in ((at, "lock", None), (at, "unlock", None), (f"{at}/participants", "mute", None),
                                          (f"{at}/participants", "kick", None), (f"{at}/participants/2", "mute", 2),
                                          (f"{at}/participants/1", "kick", 1), (f"{at}/participants/1", "undeaf", 1)):
            t.admin.put(path, {"action": action}).expect(202)
            assert w.asked[-1]["command"] == action and w.asked[-1].get("participant") == participant, w.asked[-1]
        t.admin.put(at, {"action": "play", "data": {"media_id": "system_media/beep"}}).expect(202)
        assert w.asked[-1]["media"] == "system_media/beep"


def bad_commands(world):
    """Errors by field; the worker hears of none of them."""
    t, id = room(world)
    at = f"{t.at}/conferences/{id}"
    with Worker(world, 0, two_are_in) as w:
        for path, data, errors in ((at, {}, {"action": ["required"]}), (at, {"action": "dance"}, {"action": ["enum"]}),
                                   (at, {"action": "kick"}, {"action": ["enum"]}), (at, {"action": 5}, {"action": ["enum"]}),
                                   (f"{at}/participants", {"action": "lock"}, {"action": ["enum"]}),
                                   (at, {"action": "play"}, {"data.media_id": ["required"]}),
                                   (at, {"action": "play", "data": {"media_id": "f" * 32}}, {"data.media_id": ["foreign_key"]})):
            r = t.admin.put(path, data)
            assert r.code == 400 and r.errors == errors, (path, data, r.body)
        for bad in ("0", "-1", "x", "1x", "99999999999"):
            t.admin.put(f"{at}/participants/{bad}", {"action": "mute"}).expect(404)
        assert w.asked == []


def only_admins_and_the_owner(world):
    t, id = room(world)
    own = t.make("conferences", {"name": "Uma's", "conference_numbers": ["7202"], "owner_id": t.user_id})
    other, _ = room(world)
    with Worker(world, 0, two_are_in) as w:
        for what in (f"conferences/{id}", f"conferences/{id}/participants", f"conferences/{id}/participants/1"):
            action = {"action": "mute" if "participants" in what else "lock"}
            other.admin.put(f"{other.at}/{what}", action).expect(404)
            assert other.admin.put(f"{t.at}/{what}", action).code in (403, 404)
            t.user.put(f"{t.at}/{what}", action).expect(403)
            world.nobody.put(f"{t.at}/{what}", action).expect(401)
        other.admin.get(f"{other.at}/conferences/{id}/participants").expect(404)
        t.user.get(f"{t.at}/conferences/{id}/participants").expect(403)
        assert "_read_only" not in t.user.get(f"{t.at}/conferences/{id}").data
        assert w.asked == []
        assert len(t.user.get(f"{t.at}/conferences/{own}/participants").expect(200).data) == 2
        t.user.put(f"{t.at}/conferences/{own}/participants/2", {"action": "kick"}).expect(202)
        assert w.asked[-1]["conference"] == own


def workers_that_hang_or_speak_nonsense(world):
    """The API answers all the same, as if nobody were in the room."""
    t, id = room(world)
    at = f"{t.at}/conferences/{id}"
    for answer in (lambda _: None, lambda _: b"{", lambda _: b"", lambda _: [1]):
        with Worker(world, 0, answer):
            r = t.admin.get(f"{at}/participants")
            assert r.code == 200 and r.data == [], r.body
    with Worker(world, 0, lambda _: b"{") as w, Worker(world, 1, two_are_in):
        assert len(t.admin.get(f"{at}/participants").expect(200).data) == 2 and w.asked


TESTS = [nobody_is_in_it, the_worker_that_has_it_answers, commands_reach_the_worker, bad_commands,
         only_admins_and_the_owner, workers_that_hang_or_speak_nonsense]
