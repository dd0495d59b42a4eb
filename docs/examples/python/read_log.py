"""Reads a log without any code of Ownerline: the schema comes from the file itself.

    python -m pip install protobuf blake3
    python docs/examples/python/read_log.py DATA_DIRECTORY

Prints one line a touchpoint, checks every digest, and ends with 0 if all of them hold. The last line, on
standard error, is the certificate that `log backup` and `log verify` print, too.
"""

import sqlite3
import struct
import sys

from blake3 import blake3
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory


def touchpoint_class(log: sqlite3.Connection):
    (descriptors,) = log.execute("SELECT descriptor_set FROM schema ORDER BY version DESC LIMIT 1").fetchone()
    files = descriptor_pb2.FileDescriptorSet.FromString(descriptors)
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("ownerline.v1.Touchpoint"))


def parts_of_personal(column: bytes | None) -> tuple[bytes, bytes]:
    """The commitment in the digest, and the personal bytes that are left."""
    if column is None:
        return b"", b""
    form, head, rest = column[0], column[1:33], column[33:]
    return (blake3(rest, key=head).digest(), rest) if form == 1 else (head, b"")


def main(directory: str) -> int:
    log = sqlite3.connect(f"file:{directory}/log.db?mode=ro", uri=True)
    touchpoint = touchpoint_class(log)
    damaged, certificate = 0, bytes(32)
    rows = log.execute(
        "SELECT position, stream, revision, recorded_at, type, source, id, clear, content_digest, personal, digest"
        " FROM events ORDER BY position"
    )
    for position, stream, revision, recorded_at, kind, source, id, clear, content, personal, seal in rows:
        # Since format 2 a checksum follows the digest; the digest proves more.
        digest = seal[:32]
        commitment, kept = parts_of_personal(personal)
        covered = [
            b"ownerline event 1", struct.pack("<Q", position), stream.encode(), struct.pack("<Q", revision),
            struct.pack("<q", recorded_at), kind.encode(), source.encode(), id.encode(), clear, content, commitment,
        ]
        holds = blake3(b"".join(struct.pack("<Q", len(part)) + part for part in covered)).digest() == digest
        damaged += not holds
        certificate = blake3(b"ownerline certificate 1" + certificate + digest).digest()
        # Concatenated encodings merge: the clear part and the personal part are one message.
        decoded = touchpoint.FromString(clear + kept)
        assert (decoded.source, decoded.id, decoded.WhichOneof("payload")) == (source, id, kind)
        print(position, stream, revision, "" if holds else "DAMAGED", json_format.MessageToJson(decoded, indent=None))
    print("certificate", certificate.hex(), file=sys.stderr)
    # A backup stores its own certificate.
    if log.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'copied'").fetchone() == (1,):
        damaged += log.execute("SELECT certificate FROM copied").fetchone() != (certificate,)
    return 1 if damaged else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
