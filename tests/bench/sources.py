# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent: random files of several sizes, made when they are needed."""

import hashlib
import os

import rows

SMALLEST_BYTES = 4_000_000
LARGEST_BYTES = SMALLEST_BYTES << 9  # 2 GB
_BLOCK_BYTES = 4_000_000


class Sources:
    def __init__(self, folder):
        self._folder = folder
        self._digests = {}

    @staticmethod
    def size_for(mb_s, seconds):
        """The size nearest to what takes so long at so many 10^6 bytes a second."""
        size = SMALLEST_BYTES
        while size < LARGEST_BYTES and size * 1.4 < mb_s * 1e6 * seconds:
            size *= 2
        return size

    def file(self, n_bytes):
        path = os.path.join(self._folder, f"random-{n_bytes // 1_000_000}")
        if path not in self._digests:
            self._digests[path] = _write_random(path, n_bytes)
        return path

    def digest(self, path):
        return self._digests[path]

    def many(self):
        """A folder of small files, a hundred to a folder; gives path and bytes."""
        path = os.path.join(self._folder, "many")
        if not os.path.exists(path):
            for i in range(rows.MANY_FILES):
                place = os.path.join(path, f"{i // 100:03}")
                os.makedirs(place, exist_ok=True)
                with open(os.path.join(place, f"{i:05}"), "wb") as file:
                    file.write(os.urandom(rows.MANY_FILE_BYTES))
        return path, rows.MANY_BYTES


def _write_random(path, n_bytes):
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for _ in range(n_bytes // _BLOCK_BYTES):
            block = os.urandom(_BLOCK_BYTES)
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
