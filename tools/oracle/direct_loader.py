# SPDX-License-Identifier: MIT
"""Boot a bzImage through a boot sector of our own, with any e820 map we like.

QEMU's loader asks the firmware for the memory map. This one puts the kernel,
the initramfs and a boot_params page straight into guest RAM (QEMU's generic
loader device) and boots a disk whose boot sector enters the kernel by the
32-bit boot protocol. The kernel then believes the map in boot_params, as it
believes a real firmware: unsorted, overlapping, unaligned, whatever we write.
More than 128 entries go on in a SETUP_E820_EXT node, as boot loaders do.
"""

import os
import struct

from acpi_tables import number

TYPES = {"ram": 1, "reserved": 2, "acpi": 3, "nvs": 4, "unusable": 5, "pmem": 7,
         "soft_reserved": 0xEFFFFFFF, "pram": 12}
ENTRIES_IN_BOOT_PARAMS = 128
MIB = 1 << 20
SETUP_E820_EXT = 1
KERNEL_ADDRESS = 0x100000


def boot_sector(boot_params, entry):
    """16-bit code at 0x7c00: protected mode, %esi = boot_params, jump."""
    base = 0x7C00
    code16 = bytes.fromhex(
        "fa"            # cli
        "31c0"          # xor ax, ax
        "8ed8"          # mov ds, ax
        "0f0116 0000"   # lgdt [descriptor]        (patched below)
        "0f20c0"        # mov eax, cr0
        "0c01"          # or al, 1
        "0f22c0"        # mov cr0, eax
        "ea 0000 1000"  # jmp 0x10:code32          (patched below)
        .replace(" ", ""))
    code32 = bytes.fromhex(
        "66b81800"              # mov ax, 0x18
        "8ed8 8ec0 8ee0 8ee8"   # mov ds, es, fs, gs, ax
        "8ed0"                  # mov ss, ax
        "31ed 31ff 31db"        # xor ebp, edi, ebx
        .replace(" ", ""))
    code32 += b"\xbc" + struct.pack("<I", base)         # mov esp, 0x7c00
    code32 += b"\xbe" + struct.pack("<I", boot_params)  # mov esi, boot_params
    code32 += b"\xb8" + struct.pack("<I", entry)        # mov eax, entry
    code32 += b"\xff\xe0"                               # jmp eax
    gdt = struct.pack("<QQQQ", 0, 0, 0x00CF9A000000FFFF, 0x00CF92000000FFFF)
    gdt_address = base + len(code16) + len(code32)
    descriptor_address = gdt_address + len(gdt)
    code16 = bytearray(code16)
    code16[8:10] = struct.pack("<H", descriptor_address)
    code16[19:21] = struct.pack("<H", base + len(code16))
    sector = bytes(code16) + code32 + gdt + struct.pack("<HI", len(gdt) - 1, gdt_address)
    return sector.ljust(510, b"\0") + b"\x55\xaa"


def e820_entries(e820):
    """Entries are [start, length, type]; type by name or by number."""
    packed = []
    for start, length, kind in e820:
        kind = TYPES[kind] if kind in TYPES else number(kind)
        packed.append(struct.pack("<QQI", number(start), number(length), kind))
    return packed


def load_files(work, kernel_path, initrd, cmdline, e820):
    """Write the blobs in work; returns QEMU's arguments."""
    with open(kernel_path, "rb") as file:
        image = file.read()
    setup_size = (image[0x1F1] or 4) * 512 + 512
    header_end = 0x202 + image[0x201]
    init_size = struct.unpack_from("<I", image, 0x260)[0]
    preferred = struct.unpack_from("<Q", image, 0x258)[0]
    params_address = (preferred + init_size + 2 * MIB) & ~(MIB - 1)
    cmdline_address = params_address + 0x1000
    setup_data_address = params_address + 0x3000
    initrd_address = params_address + MIB

    params = bytearray(4096)
    params[0x1F1:header_end] = image[0x1F1:header_end]
    params[0x210] = 0xFF                                    # type_of_loader: unregistered
    params[0x211] |= 0x01                                   # LOADED_HIGH
    struct.pack_into("<II", params, 0x218, initrd_address, len(initrd))
    struct.pack_into("<I", params, 0x228, cmdline_address)
    struct.pack_into("<I", params, 0x214, KERNEL_ADDRESS)   # code32_start
    entries = e820_entries(e820)
    head, rest = entries[:ENTRIES_IN_BOOT_PARAMS], entries[ENTRIES_IN_BOOT_PARAMS:]
    params[0x1E8] = len(head)
    params[0x2D0:0x2D0 + 20 * len(head)] = b"".join(head)
    blobs = [("kernel.bin", image[setup_size:], KERNEL_ADDRESS),
             ("cmdline.bin", cmdline.encode() + b"\0", cmdline_address),
             ("initrd.bin", initrd, initrd_address)]
    if rest:
        data = b"".join(rest)
        node = struct.pack("<QII", 0, SETUP_E820_EXT, len(data)) + data
        struct.pack_into("<Q", params, 0x250, setup_data_address)
        blobs.append(("setup_data.bin", node, setup_data_address))
    blobs.append(("boot_params.bin", bytes(params), params_address))

    arguments = []
    for name, data, address in blobs:
        path = os.path.join(work, name)
        with open(path, "wb") as out:
            out.write(data)
        arguments += ["-device", "loader,file=%s,addr=%#x,force-raw=on" % (path, address)]
    disk = os.path.join(work, "boot.img")
    with open(disk, "wb") as out:
        out.write(boot_sector(params_address, KERNEL_ADDRESS).ljust(1 * MIB, b"\0"))
    return arguments + ["-drive", "file=%s,format=raw,if=ide,snapshot=on" % disk]
