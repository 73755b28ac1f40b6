# SPDX-License-Identifier: MIT
"""Write the initramfs: ACPI tables first and uncompressed, then the guest."""

import stat
import struct


def newc(entries):
    """A cpio archive (newc) of (name, mode, data, (major, minor)) entries."""
    out = bytearray()
    for inode, (name, mode, data, device) in enumerate(
            list(entries) + [("TRAILER!!!", 0, b"", (0, 0))], start=1):
        raw = name.encode() + b"\0"
        fields = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, device[0], device[1], len(raw), 0)
        out += b"070701" + b"".join(b"%08X" % f for f in fields) + raw
        out += b"\0" * (-len(out) % 4)
        out += data
        out += b"\0" * (-len(out) % 4)
    out += b"\0" * (-len(out) % 512)
    return bytes(out)


def directory(name):
    return (name, stat.S_IFDIR | 0o755, b"", (0, 0))


def character_device(name, major, minor):
    return (name, stat.S_IFCHR | 0o600, b"", (major, minor))


def guest_archive(busybox_path, init_path):
    with open(busybox_path, "rb") as file:
        busybox = file.read()
    with open(init_path, "rb") as file:
        init = file.read()
    return newc([directory(d) for d in ("bin", "dev", "proc", "sys", "out")] + [
        character_device("dev/console", 5, 1), character_device("dev/null", 1, 3),
        character_device("dev/kmsg", 1, 11), character_device("dev/ttyS0", 4, 64),
        character_device("dev/ttyS1", 4, 65),
        ("bin/busybox", stat.S_IFREG | 0o755, busybox, (0, 0)),
        ("init", stat.S_IFREG | 0o755, init, (0, 0))])


def build(busybox_path, init_path, acpi_overrides):
    """acpi_overrides: list of (signature, bytes), put where the kernel's
    CONFIG_ACPI_TABLE_UPGRADE looks for them."""
    archive = b""
    if acpi_overrides:
        archive = newc([directory("kernel"), directory("kernel/firmware"),
                        directory("kernel/firmware/acpi")] +
                       [("kernel/firmware/acpi/%d-%s.aml" % (i, sig.lower()), stat.S_IFREG | 0o644, data, (0, 0))
                        for i, (sig, data) in enumerate(acpi_overrides)])
    return archive + guest_archive(busybox_path, init_path)
