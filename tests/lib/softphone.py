"""baresip as a test phone: a SIP stack that is not ours, run by cfg/phone.

    with Softphone(stack, device, realm, answer=True) as bob: ... ; bob.heard() -> linear samples at 8 kHz
SPDX-License-Identifier: GPL-2.0-or-later"""
import audioop
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
import wave

from stack import TOP, wait_for

warnings.simplefilter("ignore", DeprecationWarning)


class Softphone:
    def __init__(self, stack, device, realm, answer=False, dial=None, tone=440, codec="g711"):
        self.folder = tempfile.mkdtemp(prefix="centrex-phone-")
        self.log = open(os.path.join(self.folder, "log"), "w+")
        command = [os.path.join(TOP, "cfg/phone"), device.name, "--realm", realm, "--password", device.password,
                   "--server", stack.ip, "--local-ip", stack.address(), "--folder", self.folder, "--tone", str(tone),
                   "--codec", codec]
        command += ["--answer"] if answer else []
        command += ["--dial", dial] if dial else []
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT)
        try:
            self.says("[1 binding]", 15)
        except AssertionError:
            self.close()
            raise

    def text(self):
        with open(self.log.name, errors="replace") as f:
            return f.read()

    def says(self, words, timeout=10):
        """Waits until baresip's output has these words."""
        try:
            wait_for(f"'{words}' from baresip", lambda: words in self.text(), timeout)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{self.text()[-2000:]}") from None

    def hang_up(self):
        """Ends baresip as Ctrl-C does: it says BYE and takes its registration back."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def heard(self):
        """What it heard in its calls, 16-bit samples at 8 kHz; after hang_up()."""
        found = b""
        for path in sorted(glob.glob(os.path.join(self.folder, "dump-*-dec.wav"))):
            with wave.open(path) as w:
                samples = w.readframes(w.getnframes())
                if w.getframerate() != 8000:
                    samples = audioop.ratecv(samples, 2, 1, w.getframerate(), 8000, None)[0]
            found += samples
        return found

    def close(self):
        self.hang_up()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
