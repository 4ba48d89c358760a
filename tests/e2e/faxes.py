"""Faxes: received over sound and over T.38, cut off by a dead worker, sent with a busy line first, sent by mail.
The far end is spandsp on its own (tests/lib/fax.py). SPDX-License-Identifier: GPL-2.0-or-later"""
import base64
import os
import smtplib
import subprocess
import tempfile
import time
from email.message import EmailMessage

from fax import FaxCall, FaxPhone, equal_pages, make_pages
from stack import wait_for

ROWS = 60


def setting(w):
    """A user with a fax box and a number for it; made once."""
    if not hasattr(w, "fax"):
        a = w.acme
        w.fax_user = a.user("Fay", "Fox", "290", device=False, box=False)
        w.fax = w.stack.api.put(f"{a.at}/faxboxes", {
            "name": "Front office", "owner_id": w.fax_user.id, "fax_header": "", "retries": 2,
            "caller_id": a.number, "smtp_permission_list": ["clerk@acme.example"],
            "notifications": {"inbound": {"email": {"send_to": ["inbox@acme.example"]}}}})["id"]
        a.callflow(["291"], {"module": "faxbox", "data": {"id": w.fax}, "children": {}})
        a.in_force()
        w.fax_folder = tempfile.mkdtemp(prefix="fax-test-")
    return w.acme


def machine(w, **kw):
    """A fax machine of the account: Alice's account of SIP, on another address."""
    device = w.acme.alice.device
    return FaxPhone(w.stack.address(), w.stack.server, device.name, w.acme.realm, device.password, **kw)


def inbox(w, known):
    return [f for f in w.stack.api.get(f"{w.acme.at}/faxes/inbox?paginate=false") if f["id"] not in known]


def received(w, known, sent, pages, count=1):
    """The fax in the inbox, its image and its mail, compared with what was sent."""
    fax = wait_for("the fax in the inbox", lambda: inbox(w, known), 30)[0]
    image = os.path.join(w.fax_folder, fax["id"] + ".tif")
    with open(image, "wb") as f:
        f.write(w.stack.api.raw("GET", f"{w.acme.at}/faxes/inbox/{fax['id']}/attachment", plain=True,
                                headers={"Accept": "image/tiff"}.items()))
    assert equal_pages(sent, image)[0] == pages, equal_pages(sent, image)
    return fax, image


def mail_of(w, known_mails, image, pages):
    mail = wait_for("the mail", lambda: w.stack.mails("inbox@acme.example")[known_mails:], 30)[0]
    pdf = [p for p in mail.walk() if p.get_content_type() == "application/pdf"]
    assert len(pdf) == 1, [p.get_content_type() for p in mail.walk()]
    path = image[:-4] + ".pdf"
    with open(path, "wb") as f:
        f.write(pdf[0].get_payload(decode=True))
    subprocess.run(["pdftoppm", "-r", "204", "-mono", path, path], check=True)
    rendered = sorted(n for n in os.listdir(w.fax_folder) if n.startswith(os.path.basename(path) + "-"))
    assert len(rendered) == pages, rendered
    for name in rendered:  # something is printed on each, and not everything is black
        with open(os.path.join(w.fax_folder, name), "rb") as f:
            bits = f.read()
        black = sum(bin(b).count("1") for b in bits[20:]) / (8 * len(bits))
        assert 0.01 < black < 0.9, (name, black)
    return mail


def faxes_arrive_over_sound_and_over_t38(w):
    """Two machines at once: one refuses T.38, the other takes it; both faxes arrive bit by bit, by mail and in the API."""
    setting(w)
    for t38, seed in (("refuse", 1), ("accept", 2)):
        known = {f["id"] for f in inbox(w, ())}
        mails = len(w.stack.mails("inbox@acme.example"))
        sent = make_pages(w.fax_folder, 2, ROWS, seed)
        with machine(w, sends=sent, t38=t38) as m:
            call = m.call("291")
            call.wait_up()
            assert call.finished() == (0, 2), call.audio.lines
            assert bool(call.image) == (t38 == "accept"), call.image
            call.wait_end(8)
        fax, image = received(w, known, sent, 2)
        result = fax["rx_result"]
        assert fax["status"] == "received" and result["success"] and result["total_pages"] == 2, fax
        assert result["t38"] == (t38 == "accept") and result["fax_receiver_id"] == "+353861234567", result
        mail = mail_of(w, mails, image, 2)
        assert "New fax" in mail["Subject"], mail["Subject"]


def a_dead_worker_loses_no_page(w):
    """kill -9 after the first page: that page arrives once, and the mail says that it was cut off."""
    setting(w)
    known = {f["id"] for f in inbox(w, ())}
    mails = len(w.stack.mails("inbox@acme.example"))
    sent = make_pages(w.fax_folder, 3, ROWS * 2, 3)
    with machine(w, sends=sent) as m:
        call = m.call("291")
        call.wait_up()
        call.audio.wait("the first page", lambda: call.audio.pages >= 1, 60)
        time.sleep(1.5)
        for n in (0, 1):
            w.stack.ctl("crash", f"media{n}")
        for n in (0, 1):
            w.stack.up(f"media{n}")
        fax, image = received(w, known, sent, 1)
        assert fax["status"] == "failed" and fax["pages"] >= 1 and not fax["rx_result"]["success"], fax
        mail = wait_for("the mail", lambda: w.stack.mails("inbox@acme.example")[mails:], 30)[0]
        assert "Failed fax" in mail["Subject"] and "cut off" in mail.as_string(), mail["Subject"]
        call.bye()
    time.sleep(3)
    assert len(inbox(w, known)) == 1 and len(w.stack.mails("inbox@acme.example")) == mails + 1


def sent_by_api_after_a_busy_line(w):
    """The first call finds the line busy, the second gets through: pages compared, tx_result and report told."""
    setting(w)
    w.stack.sql("DELETE FROM fax WHERE folder = 'outgoing'")
    sent = make_pages(w.fax_folder, 2, ROWS, 4)
    got = os.path.join(w.fax_folder, "got.tif")
    for c in w.carriers:
        c.policy = 486
    with open(sent, "rb") as f:
        content = base64.b64encode(f.read()).decode()
    fax = w.stack.api.put(f"{w.acme.at}/faxes", {
        "to_number": "+353 86 765 4321", "to_name": "Carl", "faxbox_id": w.fax,
        "document": {"content": content}, "notifications": {"email": {"send_to": "sender@acme.example"}}})
    where = f"{w.acme.at}/faxes/outgoing/{fax['id']}"
    busy = wait_for("the busy line", lambda: (lambda d: d if d.get("tx_result") else None)(w.stack.api.get(where)), 30)
    assert busy["status"] == "pending" and busy["attempts"] == 1 and "486" in busy["tx_result"]["error_message"], busy
    assert not w.stack.mails("sender@acme.example")
    carrier = w.carriers[0]
    try:
        carrier.call_class, carrier.receives, carrier.sends, carrier.copies = FaxCall, got, None, 1
        carrier.t38, carrier.t38_lines, carrier.policy, w.carriers[1].policy = "accept", (), "ask", 503
        while not carrier.incoming.empty():
            carrier.incoming.get_nowait()
        w.stack.sql("UPDATE fax SET retry_at = 0 WHERE id = %s", fax["id"])
        call = wait_for("the call", lambda: next((c for c in [carrier.wait_call(20)] if c), None), 25)
        assert call.caller[1] == w.acme.number, call.caller
        call.answer()
        time.sleep(1)
        call.offer_t38()
        assert call.finished() == (0, 2), call.audio.lines
        call.wait_end(8)
        assert equal_pages(sent, got) == (2, 2)
    finally:
        del carrier.call_class
    done = wait_for("the outbox", lambda: [f for f in w.stack.api.get(f"{w.acme.at}/faxes/outbox?paginate=false")
                                           if f["id"] == fax["id"]], 20)[0]
    assert done["status"] == "completed" and done["attempts"] == 2 and done["tx_result"]["pages_sent"] == 2, done
    mail = wait_for("the report", lambda: w.stack.mails("sender@acme.example"), 20)
    assert len(mail) == 1 and "Fax sent" in mail[0]["Subject"], mail[0]["Subject"]


def mail_becomes_a_fax(w):
    """A mail with text from an allowed sender is in the queue, once; from others, or to nobody's number, it bounces."""
    a = setting(w)
    ip = w.stack.ip

    def send(sender, to, name):
        m = EmailMessage()
        m["From"], m["To"], m["Subject"], m["Message-ID"] = sender, to, "Order", f"<{name}@acme.example>"
        m.set_content("Please send 20 boxes.\n")
        with smtplib.SMTP(ip, 2526, timeout=20) as s:
            s.sendmail(sender, [to], m.as_bytes())
    for c in w.carriers:
        c.policy = 486
    known = {r["id"] for r in w.stack.sql("SELECT id FROM fax")}
    for _ in range(2):
        send("clerk@acme.example", f"+353867654322@fax.{a.realm}", "one")
    send("stranger@evil.example", f"+353867654323@fax.{a.realm}", "two")
    send("clerk@acme.example", "+353867654324@fax.nobody.example", "three")
    try:
        send("clerk@acme.example", "someone@elsewhere.example", "four")
        raise AssertionError("an open relay")
    except smtplib.SMTPRecipientsRefused:
        pass
    bounce = wait_for("the bounces", lambda: w.stack.mails("stranger@evil.example"), 30)[0]
    assert "may not send faxes" in bounce.as_string(), bounce.as_string()
    bounce = wait_for("the bounces", lambda: w.stack.mails("clerk@acme.example"), 30)[0]
    assert "No fax box takes mail" in bounce.as_string(), bounce.as_string()

    def row():
        rows = [r for r in w.stack.sql("SELECT * FROM fax") if r["id"] not in known]
        return rows if rows and rows[0]["attempts"] >= 1 and "tx_result" in rows[0]["doc"] else None
    rows = wait_for("the fax in the queue and its first call", row, 30)
    assert len(rows) == 1 and rows[0]["to_number"] == "+353867654322" and rows[0]["account_id"] == a.id, rows
    log = w.stack.api.get(f"{a.at}/faxes/smtplog")
    assert {e["status"] for e in log} == {"accepted", "refused"}, log
    w.stack.sql("DELETE FROM fax WHERE id = %s", rows[0]["id"])


TESTS = [faxes_arrive_over_sound_and_over_t38, a_dead_worker_loses_no_page, sent_by_api_after_a_busy_line, mail_becomes_a_fax]
