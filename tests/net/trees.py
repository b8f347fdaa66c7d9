# SPDX-License-Identifier: GPL-3.0-or-later
"""Trees of files: making them, and telling them apart.

Paths are bytes throughout: a name is what the kernel says, not what a locale
makes of it.
"""

import hashlib
import os
import random
import stat

# Names that programs get wrong. Each is legal in an offer.
ODD_NAMES = [
    b"plain.txt",
    b"with two  spaces.txt",
    b" leading and trailing ",
    b".leading-dot",
    b"...",
    b"-rf",
    b"back\\slash",
    b"quotes'\"`$(id)",
    b"<b>markup<b>&amp;",
    b"line\nbreak",
    b"tab\tand\x1b[31mescape",
    "emoji 🚰👩‍👩‍👧.txt".encode(),
    "עברית שלום.txt".encode(),
    "مرحبا.txt".encode(),
    "override \u202egpj.exe".encode(),
    "composed é".encode(),
    "decomposed e\u0301".encode(),
    b"UPPER",
    b"upper",
    b"CON",
    b"trailing dot.",
    b"x" * 255,
]

# Nanoseconds since 1970: odd ones, before the epoch, past 2038.
ODD_TIMES = [1, 1_000_000_001, 1_234_567_890_123_456_789, -86_400_000_000_001, 4_102_444_800_987_654_321]


def write_file(path, content, mtime_ns=None, executable=False):
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, 0o755 if executable else 0o644)
    if mtime_ns is not None:
        os.utime(path, ns=(mtime_ns, mtime_ns))


def write_big_file(path, n_bytes, seed=1):
    """Content that does not compress, is the same for a seed, and different everywhere:
    pieces of one random block, each from another place of it, since making random
    bytes is slow."""
    stream = random.Random(seed)
    piece = 1 << 20
    block = stream.randbytes(8 * piece)
    with open(path, "wb") as file:
        while n_bytes > 0:
            start = stream.randrange(len(block) - piece)
            file.write(block[start : start + min(piece, n_bytes)])
            n_bytes -= piece


def write_sparse_file(path, n_bytes):
    with open(path, "wb") as file:
        file.truncate(n_bytes)


def _settle_times(root, stream):
    """Gives every folder a time of its own, deepest first: filling one changes it."""
    for folder, _, _ in os.walk(root, topdown=False):
        time_ns = 1_500_000_000_000_000_000 + stream.randrange(10**17)
        os.utime(folder, ns=(time_ns, time_ns))


def make_mixed(root):
    """One of everything that travels, below the new folder ROOT."""
    root = os.fsencode(root)
    stream = random.Random(2)
    os.makedirs(root)
    for i, name in enumerate(ODD_NAMES):
        write_file(os.path.join(root, name), stream.randbytes(i * 37), ODD_TIMES[i % len(ODD_TIMES)])
    for n_bytes in [1, 65_491, 65_492, 65_493, 65_536, 1_000_003]:
        write_file(os.path.join(root, b"size-%d" % n_bytes), stream.randbytes(n_bytes))

    deep = os.path.join(root, *[b"level %d" % i for i in range(20)])
    os.makedirs(deep)
    write_file(os.path.join(deep, b"deep"), b"down here\n")
    os.makedirs(os.path.join(root, b"empty folder", b"emptier \xe2\x98\x95"))

    tools = os.path.join(root, "Werkzeuge größer".encode())
    os.makedirs(tools)
    write_file(os.path.join(tools, b"run me"), b"#!/bin/sh\nexit 0\n", 1, executable=True)
    os.symlink(b"run me", os.path.join(tools, b"link beside"))
    os.symlink(b"../level 0", os.path.join(tools, b"link to folder"))
    os.symlink("Werkzeuge größer/run me".encode(), os.path.join(root, b"link down"))
    _settle_times(root, stream)


def make_many(root, n_files=5000):
    """N_FILES small files, up to 12 in a folder, every ninth empty, nested."""
    root = os.fsencode(root)
    stream = random.Random(3)
    os.makedirs(root)
    folders = [root]
    for i in range(n_files):
        if i % 12 == 0:
            folder = os.path.join(stream.choice(folders[-40:]), b"folder %d" % (i // 12))
            if folder.count(b"/") - root.count(b"/") > 30:
                folder = os.path.join(root, b"folder %d" % (i // 12))
            os.mkdir(folder)
            folders.append(folder)
        size = 0 if i % 9 == 0 else stream.randrange(1, 8192)
        write_file(
            os.path.join(folder, b"file %d" % i),
            stream.randbytes(size),
            1_600_000_000_000_000_000 + stream.randrange(10**17),
            executable=i % 50 == 0,
        )
    _settle_times(root, stream)


def _digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _describe_one(path):
    info = os.lstat(path)
    if stat.S_ISLNK(info.st_mode):
        return {"kind": "link", "target": os.readlink(path)}
    if stat.S_ISDIR(info.st_mode):
        return {"kind": "folder", "mtime_ns": info.st_mtime_ns}
    if stat.S_ISREG(info.st_mode):
        return {
            "kind": "file",
            "size": info.st_size,
            "sha256": _digest(path),
            "mtime_ns": info.st_mtime_ns,
            "executable": bool(info.st_mode & stat.S_IXUSR),
        }
    return {"kind": "other", "mode": info.st_mode}


def describe(root):
    """What stands below ROOT (itself left out): {relative path: properties}."""
    root = os.fsencode(root)
    found = {}
    pending = [b""]
    while pending:
        folder = pending.pop()
        for name in os.listdir(os.path.join(root, folder)):
            path = os.path.join(folder, name)
            found[path] = _describe_one(os.path.join(root, path))
            if found[path]["kind"] == "folder":
                pending.append(path)
    return found


def describe_items(paths):
    """The same for the items a sender was given: each stands at the top."""
    found = {}
    for path in map(os.fsencode, paths):
        name = os.path.basename(path)
        found[name] = _describe_one(path)
        if found[name]["kind"] == "folder":
            for below, properties in describe(path).items():
                found[os.path.join(name, below)] = properties
    return found


def differences(expected, actual):
    """One sentence for each difference between two descriptions."""
    sentences = []
    for path in sorted(expected.keys() | actual.keys()):
        if path not in actual:
            sentences.append(f"{path!r} is missing")
        elif path not in expected:
            sentences.append(f"{path!r} is there but was not sent")
        else:
            for key in sorted(expected[path].keys() | actual[path].keys()):
                before, after = expected[path].get(key), actual[path].get(key)
                if before != after:
                    sentences.append(f"{path!r}: {key} was {before!r}, is {after!r}")
    return sentences
