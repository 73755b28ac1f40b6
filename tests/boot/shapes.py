# SPDX-License-Identifier: MIT
"""Machines that the image is booted on, as tools/oracle/README.md describes machines.

Besides: "by" grub starts the image by multiboot2 instead of PVH; "line" is the Linux
that it follows, if not 6.12; "nodes" have to be online and "cpus" to run in the end;
"linux" is the name below which linux.tar.xz keeps the log of real Linux 6.12 on the
same machine.
"""

MIB, GIB = 1 << 20, 1 << 30


def nodes(*rows):
    """Nodes that QEMU describes: (memory, cpus) each, "" being none of them."""
    return [dict({"memory": memory}, **({"cpus": cpus} if cpus else {})) for memory, cpus in rows]


def distances(count, near):
    """Pairs of nodes that are near, 2i and 2i + 1; all others are 21 apart."""
    return [[a, b, near if a // 2 == b // 2 else 21] for a in range(count) for b in range(a + 1, count)]


def slit(pxms, far):
    """A SLIT for PXMs below `pxms`: any two are 20 apart but for those in `far`."""
    return {"matrix": [[10 if a == b else far.get((min(a, b), max(a, b)), 20) for b in range(pxms)]
                       for a in range(pxms)]}


def memory(pxm, base, length, *flags):
    return {"type": "memory", "pxm": pxm, "base": base, "length": length, "flags": ["enabled", *flags]}


def cpu(pxm, apic, kind="cpu"):
    return {"type": kind, "pxm": pxm, "apic": apic, "flags": ["enabled"]}


SHAPES = {
    "one node without a SRAT, 512 MiB": {
        "memory": "512M", "smp": "1", "nodes": 1, "cpus": 1},
    "two nodes on q35": {
        "machine": "q35", "memory": "1G", "smp": "4",
        "numa": nodes(("512M", "0-1"), ("512M", "2-3")), "nodes": 2, "cpus": 4},
    "four nodes, two and two of them near": {
        "memory": "4G", "smp": "8,sockets=4", "dist": distances(4, 12), "linux": "four-nodes",
        "numa": nodes(("1G", "0-1"), ("1G", "2-3"), ("1G", "4-5"), ("1G", "6-7")),
        "nodes": 4, "cpus": 8},
    "eight nodes of unequal size": {
        "memory": "3G", "smp": "8", "dist": distances(8, 16),
        "numa": nodes(*[("%dM" % (256 + 128 * (n % 3)), str(n)) for n in range(6)],
                      ("512M", "6"), ("256M", "7")),
        "nodes": 8, "cpus": 8},
    "sixteen nodes of one processor each": {
        "memory": "4G", "smp": "16", "numa": nodes(*[("256M", str(n)) for n in range(16)]),
        "nodes": 16, "cpus": 16},
    "memory-only nodes on both sides of a large hole": {
        "machine_options": "max-ram-below-4g=1G", "memory": "4G", "smp": "4", "linux": "memory-only-nodes",
        "numa": nodes(("512M", "0-1"), ("1536M", ""), ("1G", "2-3"), ("1G", "")),
        "nodes": 4, "cpus": 4},
    "nodes without memory": {
        "memory": "2G", "smp": "6", "dist": distances(4, 12),
        "numa": nodes(("1G", "0"), ("0", "1-2"), ("1G", "3"), ("0", "4-5")), "nodes": 4, "cpus": 6},
    "8 GiB": {
        "memory": "8G", "smp": "4", "numa": nodes(*[("2G", str(n)) for n in range(4)]),
        "nodes": 4, "cpus": 4},
    "sparse PXMs, distances in a SLIT": {
        "memory": "2G", "smp": "3", "linux": "sparse-pxms",
        "acpi": {"SRAT": {"revision": 3, "entries": [
            cpu(7, 0), cpu(7, 1), cpu(200, 2),
            memory(7, 0, 640 << 10), memory(7, MIB, 1023 * MIB), memory(200, GIB, 512 * MIB),
            memory(40, 1536 * MIB, 512 * MIB)]}, "SLIT": slit(201, {(7, 200): 40, (7, 40): 30})},
        "nodes": 3, "cpus": 3},
    "ids of the x2APIC form, some beyond 255": {
        "memory": "1G", "smp": "4",
        "acpi": {"SRAT": {"revision": 3, "entries": [
            cpu(0, 0, "x2apic"), cpu(0, 1, "x2apic"), cpu(1, 2, "x2apic"), cpu(1, 3, "x2apic"),
            cpu(1, 260, "x2apic"), memory(0, 0, 512 * MIB), memory(1, 512 * MIB, 512 * MIB)]}},
        "nodes": 2, "cpus": 4},
    "gaps between APIC ids": {
        "memory": "1G", "smp": "6,sockets=2,cores=3,threads=1",
        "numa": nodes(("512M", "0-2"), ("512M", "3-5")), "nodes": 2, "cpus": 6},
    "two threads in each core, by Intel": {
        "memory": "1G", "smp": "8,sockets=2,cores=2,threads=2", "cpu": "max,vendor=GenuineIntel",
        "numa": nodes(("512M", "0-3"), ("512M", "4-7")), "nodes": 2, "cpus": 8},
    "room for memory that comes later": {
        "machine": "q35", "memory": "2G", "memory_max": "6G", "smp": "2,maxcpus=4",
        "numa": nodes(("1G", "0,2"), ("1G", "1,3")), "nodes": 2, "cpus": 2},
    "RAM that the SRAT leaves out": {
        "memory": "1G", "smp": "2",
        "acpi": {"SRAT": {"revision": 3, "entries": [
            cpu(0, 0), cpu(1, 1), memory(0, 0, 256 * MIB), memory(1, 256 * MIB, 256 * MIB)]}},
        "nodes": 1, "cpus": 2},
    "nodes that are made up, and a half that is movable": {
        "memory": "2G", "smp": "4", "cmdline": "numa=fake=4 kernelcore=50%",
        "numa": nodes(("1G", "0-1"), ("1G", "2-3")), "nodes": 4, "cpus": 4},
    "fewer processors for Linux than there are": {
        "memory": "1G", "smp": "4", "cmdline": "maxcpus=2",
        "numa": nodes(("512M", "0-1"), ("512M", "2-3")), "nodes": 2, "cpus": 4},
    "a command line that Linux cuts": {
        "memory": "512M", "smp": "2", "cmdline": "%s kernelcore=50%%" % " ".join(["unknown"] * 300),
        "numa": nodes(("512M", "0-1")), "nodes": 1, "cpus": 2,
        "says": "numaboot: the command line has %d characters, of which Linux keeps 2047"},
    "as Linux 4.9": {
        "memory": "1G", "smp": "4", "line": "4.9", "numa": nodes(("768M", "0-1"), ("256M", "2-3")),
        "nodes": 2, "cpus": 4},
    "GRUB and a BIOS": {
        "by": "grub", "memory": "1G", "smp": "4", "cmdline": "no5lvl",
        "numa": nodes(("256M", "0"), ("768M", "1-3")), "nodes": 2, "cpus": 4},
    "GRUB and EFI, four nodes": {
        "by": "grub", "firmware": "ovmf", "machine": "q35", "memory": "4G", "smp": "4",
        "dist": distances(4, 12), "numa": nodes(*[("1G", str(n)) for n in range(4)]),
        "nodes": 4, "cpus": 4},
    "GRUB and EFI, a memory-only node": {
        "by": "grub", "firmware": "ovmf", "machine": "q35", "memory": "1G", "smp": "2",
        "numa": nodes(("512M", "0-1"), ("512M", "")), "nodes": 2, "cpus": 2},
}
