# SPDX-License-Identifier: MIT
"""Compile a small readable JSON description into binary ACPI tables.

A table description is either {"hex": "..."} (the whole table, taken as it
is) or a header plus a list of entries:

    {"revision": 3, "oem_revision": 9, "entries": [ ... ],
     "checksum": "good" | "bad", "length": <override of the header's length>,
     "trailing": "hex bytes put after the last entry"}

Every number may be a JSON number or a string such as "0x1000" or "2G".
An entry {"raw": "hex"} is copied as it is, and every typed entry takes an
optional "length_byte" that overrides its own length field, so malformed
subtables are easy to write.
"""

import struct

OEM_ID = b"BOCHS "          # what QEMU's own tables carry: an override from
OEM_TABLE_ID = b"BXPC    "  # the initrd must match both ids (kernel rule)
CREATOR = b"NBOR"
SIZE_SUFFIX = {"k": 10, "m": 20, "g": 30, "t": 40}

SRAT_MEMORY_FLAGS = {"enabled": 1, "hotplug": 2, "nonvolatile": 4}
SRAT_GI_FLAGS = {"enabled": 1, "architectural": 2}
MADT_CPU_FLAGS = {"enabled": 1, "online_capable": 2}


def number(value):
    """An integer from 12, "0x1f", "64M"."""
    if isinstance(value, int):
        return value
    text = value.strip().lower()
    if text and text[-1] in SIZE_SUFFIX and not text.startswith("0x"):
        return int(text[:-1], 0) << SIZE_SUFFIX[text[-1]]
    return int(text, 0)


def flag_bits(flags, names, default="enabled"):
    """Flags given as a number or as a list of names."""
    if flags is None:
        flags = [default] if default else []
    if isinstance(flags, (int, str)):
        return number(flags)
    return sum(names[name] for name in flags)


def finish(signature, description, body):
    """Put the 36-byte header in front of body and set the checksum."""
    body += bytes.fromhex(description.get("trailing", ""))
    length = number(description.get("length", 36 + len(body)))
    header = struct.pack(
        "<4sIBB6s8sI4sI", signature.encode(), length,
        number(description.get("revision", 1)), 0,
        description["oem_id"].encode().ljust(6)[:6] if "oem_id" in description else OEM_ID,
        description["oem_table_id"].encode().ljust(8)[:8] if "oem_table_id" in description else OEM_TABLE_ID,
        number(description.get("oem_revision", 9)), CREATOR, 1)
    table = bytearray(header + body)
    checksum = -sum(table) & 0xFF
    if description.get("checksum") == "bad":
        checksum = (checksum + 1) & 0xFF
    table[9] = checksum
    return bytes(table)


def override_length(entry, packed):
    """Apply "length_byte", the deliberate lie about a subtable's length."""
    if "length_byte" not in entry:
        return packed
    return packed[:1] + bytes([number(entry["length_byte"])]) + packed[2:]


def srat_entry(entry):
    if "raw" in entry:
        return bytes.fromhex(entry["raw"])
    kind = entry["type"]
    pxm = number(entry.get("pxm", 0))
    if kind == "memory":
        packed = struct.pack(
            "<BBIHQQIIQ", 1, 40, pxm, 0, number(entry["base"]), number(entry["length"]),
            0, flag_bits(entry.get("flags"), SRAT_MEMORY_FLAGS), 0)
    elif kind == "cpu":  # pxm is split: 8 low bits, then 24 high bits
        packed = struct.pack(
            "<BBBBIB3sI", 0, 16, pxm & 0xFF, number(entry["apic"]),
            flag_bits(entry.get("flags"), {"enabled": 1}),
            number(entry.get("sapic_eid", 0)), (pxm >> 8).to_bytes(3, "little"),
            number(entry.get("clock_domain", 0)))
    elif kind == "x2apic":
        packed = struct.pack(
            "<BBHIIIII", 2, 24, 0, pxm, number(entry["apic"]),
            flag_bits(entry.get("flags"), {"enabled": 1}),
            number(entry.get("clock_domain", 0)), 0)
    elif kind == "generic_initiator":
        handle = entry.get("handle")
        if handle is None:  # a PCI handle: segment, bus/device/function
            handle = struct.pack("<HH12x", *entry.get("pci", [0, 0]))
            handle_type = 1
        else:               # an ACPI handle: 8 bytes of _HID, 4 of _UID
            handle = handle.encode().ljust(16, b"\0")[:16]
            handle_type = 0
        packed = struct.pack(
            "<BBBBI16sII", 5, 32, 0, handle_type, pxm, handle,
            flag_bits(entry.get("flags"), SRAT_GI_FLAGS), 0)
    else:
        raise ValueError("unknown SRAT entry type %r" % kind)
    return override_length(entry, packed)


def build_srat(description):
    reserved = struct.pack("<IQ", 1, 0)
    return finish("SRAT", description,
                  reserved + b"".join(srat_entry(e) for e in description["entries"]))


def build_slit(description):
    """{"matrix": [[10, 20], [20, 10]]}, or "localities" plus flat "values"."""
    if "matrix" in description:
        values = [v for row in description["matrix"] for v in row]
        localities = len(description["matrix"])
    else:
        values = description["values"]
        localities = 0
    localities = number(description.get("localities", localities))
    return finish("SLIT", description, struct.pack("<Q", localities) + bytes(values))


def madt_entry(entry):
    if "raw" in entry:
        return bytes.fromhex(entry["raw"])
    kind = entry["type"]
    flags = flag_bits(entry.get("flags"), MADT_CPU_FLAGS)
    if kind == "lapic":
        packed = struct.pack("<BBBBI", 0, 8, number(entry["uid"]), number(entry["apic"]), flags)
    elif kind == "x2apic":
        packed = struct.pack("<BBHIII", 9, 16, 0, number(entry["apic"]), flags, number(entry["uid"]))
    elif kind == "ioapic":
        packed = struct.pack("<BBBBII", 1, 12, number(entry.get("id", 0)), 0,
                             number(entry.get("address", 0xFEC00000)), number(entry.get("gsi", 0)))
    elif kind == "override":
        packed = struct.pack("<BBBBIH", 2, 10, 0, number(entry["irq"]), number(entry["gsi"]),
                             number(entry.get("flags", 0)))
    elif kind == "nmi":
        packed = struct.pack("<BBBHB", 4, 6, number(entry.get("uid", 255)), 0, number(entry.get("lint", 1)))
    else:
        raise ValueError("unknown MADT entry type %r" % kind)
    return override_length(entry, packed)


# What QEMU's PC machines put after the CPUs; a MADT of ours needs them too.
QEMU_INTERRUPT_ENTRIES = [
    {"type": "ioapic"},
    {"type": "override", "irq": 0, "gsi": 2},
    {"type": "override", "irq": 5, "gsi": 5, "flags": 13},
    {"type": "override", "irq": 9, "gsi": 9, "flags": 13},
    {"type": "override", "irq": 10, "gsi": 10, "flags": 13},
    {"type": "override", "irq": 11, "gsi": 11, "flags": 13},
    {"type": "nmi"},
]


def build_madt(description):
    """{"entries": [cpus...]}; the interrupt entries of QEMU follow them."""
    entries = list(description["entries"])
    if description.get("interrupts", True):
        entries += QEMU_INTERRUPT_ENTRIES
    body = struct.pack("<II", number(description.get("lapic_address", 0xFEE00000)),
                       number(description.get("flags", 1)))
    return finish("APIC", description, body + b"".join(madt_entry(e) for e in entries))


def hmat_entry(entry):
    if "raw" in entry:
        return bytes.fromhex(entry["raw"])
    kind = entry["type"]
    if kind == "proximity":
        return struct.pack("<HHIHHIIIQQ", 0, 0, 40, number(entry.get("flags", 1)), 0,
                           number(entry.get("initiator", 0)), number(entry["memory"]), 0, 0, 0)
    if kind == "latency_bandwidth":
        initiators, targets = entry["initiators"], entry["targets"]
        values = [v for row in entry["values"] for v in row]
        body = struct.pack("<BBBBIIIQ", number(entry.get("hierarchy", 0)), number(entry["data_type"]),
                           0, 0, len(initiators), len(targets), 0, number(entry.get("base", 1)))
        body += struct.pack("<%dI" % len(initiators), *initiators)
        body += struct.pack("<%dI" % len(targets), *targets)
        body += struct.pack("<%dH" % len(values), *values)
        return struct.pack("<HHI", 1, 0, 8 + len(body)) + body
    if kind == "cache":
        handles = entry.get("smbios_handles", [])
        body = struct.pack("<IIQIHH", number(entry["memory"]), 0, number(entry["size"]),
                           number(entry["attributes"]), 0, len(handles))
        body += struct.pack("<%dH" % len(handles), *handles)
        return struct.pack("<HHI", 2, 0, 8 + len(body)) + body
    raise ValueError("unknown HMAT entry type %r" % kind)


def build_hmat(description):
    description = dict({"revision": 2}, **description)
    return finish("HMAT", description,
                  struct.pack("<I", 0) + b"".join(hmat_entry(e) for e in description["entries"]))


BUILDERS = {"SRAT": build_srat, "SLIT": build_slit, "APIC": build_madt, "HMAT": build_hmat}


def build(signature, description):
    """The bytes of one table."""
    if "hex" in description:
        return bytes.fromhex(description["hex"])
    return BUILDERS[signature](description)
