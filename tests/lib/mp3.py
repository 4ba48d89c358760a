"""Decodes mp3 and wav to linear samples through libsndfile: what tests look at is what a listener hears.
SPDX-License-Identifier: GPL-2.0-or-later"""
import ctypes
import ctypes.util
import os
import struct
import tempfile


class Info(ctypes.Structure):
    _fields_ = [("frames", ctypes.c_int64), ("rate", ctypes.c_int), ("channels", ctypes.c_int),
                ("format", ctypes.c_int), ("sections", ctypes.c_int), ("seekable", ctypes.c_int)]


_lib = ctypes.CDLL("libsndfile.so.1")
_lib.sf_open.restype = ctypes.c_void_p
_lib.sf_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(Info)]
_lib.sf_readf_short.restype = ctypes.c_int64
_lib.sf_readf_short.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
_lib.sf_close.argtypes = [ctypes.c_void_p]
READ, FORMAT_MPEG = 0x10, 0x230000


def decode(data, channel=0):
    """(linear samples of one channel at 8 kHz, True if the container is mpeg). Other rates are brought to 8 kHz."""
    with tempfile.NamedTemporaryFile(suffix=".audio") as f:
        f.write(data)
        f.flush()
        info = Info()
        handle = _lib.sf_open(f.name.encode(), READ, ctypes.byref(info))
        assert handle, f"not audio: {len(data)} bytes, {data[:16]!r}"
        frames, parts = 0, []
        buffer = (ctypes.c_short * (4096 * info.channels))()
        while True:
            got = _lib.sf_readf_short(handle, buffer, 4096)
            if got <= 0:
                break
            parts.append(bytes(buffer)[:got * info.channels * 2])
            frames += got
        _lib.sf_close(handle)
    values = struct.unpack("<%dh" % (frames * info.channels), b"".join(parts))[min(channel, info.channels - 1)::info.channels]
    if info.rate != 8000:
        values = [values[int(i * info.rate / 8000)] for i in range(int(len(values) * 8000 / info.rate))]
    return struct.pack("<%dh" % len(values), *values), (info.format & 0x0fff0000) == FORMAT_MPEG


def read(path):
    with open(os.fspath(path), "rb") as f:
        return decode(f.read())
