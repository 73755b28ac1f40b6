# SPDX-License-Identifier: MIT
"""Random but meaningful machine descriptions, one function per family.

A family takes a random.Random and returns a description (see README.md).
The family and the seed give the machine: the same seed, the same machine.
"""

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
FOUR_GIB = 4 * GIB
ACPI_TAIL = 128 * KIB           # SeaBIOS puts its ACPI tables at the end of low RAM
LOADER_END = 96 * MIB           # what kernel and initramfs need of low RAM
FAMILIES, I386_FAMILIES = {}, {}


def family(exercises, table=FAMILIES):
    def register(function):
        table[function.__name__] = (exercises, function)
        return function
    return register


# ---- pieces -------------------------------------------------------------

def ram_ranges(memory):
    """Where QEMU's pc machine puts its RAM: [(base, length)]."""
    if memory >= 0xE0000000:
        return [(0, 0xC0000000), (FOUR_GIB, memory - 0xC0000000)]
    return [(0, memory)]


def standard_e820(memory):
    """The map SeaBIOS gives for that RAM, for the direct loader."""
    ranges = ram_ranges(memory)
    low = ranges[0][1]
    entries = [[0, 0x9FC00, "ram"], [0x9FC00, 0x400, "reserved"], [0xF0000, 0x10000, "reserved"],
               [MIB, low - ACPI_TAIL - MIB, "ram"], [low - ACPI_TAIL, ACPI_TAIL, "reserved"],
               [0xFFFC0000, 0x40000, "reserved"]]
    return entries + [[base, length, "ram"] for base, length in ranges[1:]]


def mem(pxm, base, length, *flags):
    return {"type": "memory", "pxm": pxm, "base": hex(base), "length": hex(length),
            "flags": ["enabled"] + list(flags)}


def cpu(pxm, apic, enabled=True):
    return {"type": "cpu", "pxm": pxm, "apic": apic, "flags": ["enabled"] if enabled else []}


def slices(memory, sizes):
    """Cut RAM in consecutive pieces; the last takes the rest. A piece that
    meets the hole below 4 GiB becomes two ranges."""
    ranges, result = list(ram_ranges(memory)), []
    for index, size in enumerate(sizes):
        piece = []
        last = index == len(sizes) - 1
        while ranges and (size > 0 or last):
            base, length = ranges[0]
            take = length if last else min(size, length)
            piece.append((base, take))
            size -= take
            ranges[0] = (base + take, length - take)
            if ranges[0][1] == 0:
                ranges.pop(0)
        result.append(piece)
    return result


def even_sizes(memory, count, align=MIB):
    return [memory // count // align * align] * count


def srat(memory, sizes, pxms, cpus, revision=3):
    """A plain SRAT: node i has sizes[i] of RAM; CPUs go round the nodes."""
    entries = [cpu(pxms[i * len(pxms) // cpus], i) for i in range(cpus)]
    for pxm, piece in zip(pxms, slices(memory, sizes)):
        entries += [mem(pxm, base, length) for base, length in piece]
    return {"revision": revision, "entries": entries}


def raw(memory, cpus, table, **more):
    """A machine whose SRAT is ours (QEMU makes none)."""
    machine = {"memory": "%dM" % (memory // MIB), "smp": str(cpus), "acpi": {"SRAT": table}}
    machine.update(more)
    return machine


def simple_raw(rng, nodes=None, cpus=None, memory=None):
    nodes = nodes or rng.choice([2, 2, 3, 4])
    cpus = cpus or rng.choice([2, 3, 4])
    memory = memory or rng.choice([768, 1024, 1536, 2048]) * MIB
    return raw(memory, cpus, srat(memory, even_sizes(memory, nodes), list(range(nodes)), cpus))


def mem_entries(machine):
    return [e for e in machine["acpi"]["SRAT"]["entries"] if e["type"] == "memory"]


def qemu_nodes(rng, count, unit=256, cpus=None):
    """A machine whose nodes QEMU describes."""
    cpus = cpus or max(count, rng.choice([2, 4]))
    sizes = [rng.choice([1, 1, 2, 3]) * unit for _ in range(count)]
    nodes = [{"memory": "%dM" % size} for size in sizes]
    for index in range(cpus):
        node = nodes[index * count // cpus]
        node["cpus"] = (node["cpus"] + "," if "cpus" in node else "") + str(index)
    return {"memory": "%dM" % sum(sizes), "smp": str(cpus), "numa": nodes}


def random_dist(rng, count):
    return [[a, b, rng.choice([11, 15, 20, 21, 31, 40, 100, 254])]
            for a in range(count) for b in range(a + 1, count)]


def slit(rng, count, symmetric=True):
    matrix = [[10] * count for _ in range(count)]
    for a in range(count):
        for b in range(a + 1, count):
            matrix[a][b] = rng.choice([12, 16, 20, 21, 32, 120, 254])
            matrix[b][a] = matrix[a][b] if symmetric else rng.choice([11, 17, 22, 33, 200])
    return matrix


# ---- families -----------------------------------------------------------

@family("one node, QEMU's own tables, no SRAT")
def plain(rng):
    return {"memory": rng.choice(["192M", "512M", "1000M", "3G", "4G", "5G"]), "smp": str(rng.randint(1, 4)),
            "machine": rng.choice(["pc", "q35"])}


@family("nodes and distances as QEMU describes them")
def qemu_numa(rng):
    count = rng.choice([2, 3, 4, 6, 8])
    machine = qemu_nodes(rng, count)
    if rng.random() < 0.7:
        machine["dist"] = random_dist(rng, count)
    return machine


@family("16 or more nodes")
def many_nodes(rng):
    count = rng.choice([16, 20, 33, 64])
    memory = count * rng.choice([64, 128]) * MIB
    machine = raw(memory, 4, srat(memory, even_sizes(memory, count), list(range(count)), 4))
    machine["acpi"]["SLIT"] = {"matrix": slit(rng, count)}
    return machine


@family("nodes with no memory, nodes with no CPU")
def bare_nodes(rng):
    count = rng.choice([3, 4, 5])
    machine = qemu_nodes(rng, count, cpus=count)
    for index in rng.sample(range(count), rng.randint(1, count - 1)):
        if rng.random() < 0.5 and index != 0:
            machine["numa"][index]["memory"] = "0"
        elif index != 0:
            moved = machine["numa"][index].pop("cpus", "")
            if moved:
                machine["numa"][0]["cpus"] += "," + moved
    machine["memory"] = "%dM" % sum(int(n["memory"].rstrip("M")) for n in machine["numa"])
    machine["dist"] = random_dist(rng, count)
    return machine


@family("nodes whose RAM has a hole in the e820 map")
def holes(rng):
    machine = simple_raw(rng, nodes=2, memory=rng.choice([1024, 2048]) * MIB)
    memory = int(machine["memory"][:-1]) * MIB
    e820 = standard_e820(memory)
    for _ in range(rng.randint(1, 4)):
        base = rng.randrange(LOADER_END // MIB, memory // MIB - 64) * MIB + rng.choice([0, 0x800, 0x3000])
        e820.append([base, rng.choice([4 * KIB, 5000, MIB, 40 * MIB]), rng.choice(["reserved", "acpi", "nvs", "unusable"])])
    machine.update(loader="direct", e820=e820)
    return machine


@family("one node's range lies between two ranges of another")
def interleaved(rng):
    memory, pieces = 1024 * MIB, rng.choice([3, 4, 6, 8])
    parts = slices(memory, even_sizes(memory, pieces))
    entries = [cpu(0, 0), cpu(1, 1)]
    for index, piece in enumerate(parts):
        entries += [mem(index % 2, base, length) for base, length in piece]
    if rng.random() < 0.5:
        rng.shuffle(entries)
    return raw(memory, 2, {"revision": 3, "entries": entries})


@family("SRAT entries out of order")
def shuffled(rng):
    machine = simple_raw(rng, nodes=rng.choice([3, 4, 6]), memory=rng.choice([1536, 4608]) * MIB)
    rng.shuffle(machine["acpi"]["SRAT"]["entries"])
    return machine


@family("SRAT ranges of one node overlap")
def overlap_same(rng):
    machine = simple_raw(rng, nodes=2)
    entry = rng.choice(mem_entries(machine))
    base, length = int(entry["base"], 0), int(entry["length"], 0)
    machine["acpi"]["SRAT"]["entries"].append(
        mem(entry["pxm"], base + length // 4, rng.choice([length // 2, length * 3 // 4]),
            *rng.choice([[], ["hotplug"]])))
    return machine


@family("SRAT ranges of different nodes overlap")
def overlap_different(rng):
    machine = simple_raw(rng, nodes=2)
    first = mem_entries(machine)[0]
    first["length"] = hex(int(first["length"], 0) + rng.choice([1, 0x1000, MIB, 64 * MIB]))
    if rng.random() < 0.3:
        first["length"] = mem_entries(machine)[0]["length"]
        machine["acpi"]["SRAT"]["entries"].append(mem(1, 0, 16 * MIB))
    return machine


@family("SRAT leaves RAM uncovered, below the slack")
def uncovered_small(rng):
    machine = simple_raw(rng, nodes=2)
    last = mem_entries(machine)[-1]
    gap = rng.choice([0x1000, 0x80000, 0xFF000, MIB - 0x1000])
    if rng.random() < 0.5:
        last["length"] = hex(int(last["length"], 0) - ACPI_TAIL - gap)
    else:
        last["base"] = hex(int(last["base"], 0) + gap)
        last["length"] = hex(int(last["length"], 0) - gap)
    return machine


@family("SRAT leaves RAM uncovered, around and above the slack")
def uncovered_large(rng):
    machine = simple_raw(rng, nodes=2)
    last = mem_entries(machine)[-1]
    gap = rng.choice([MIB, MIB + 0x1000, 2 * MIB, 128 * MIB])
    last["base"] = hex(int(last["base"], 0) + gap)
    last["length"] = hex(int(last["length"], 0) - gap)
    return machine


@family("nodes of less than 4 MiB")
def tiny_nodes(rng):
    memory = 1024 * MIB
    sizes = [500 * MIB, rng.choice([MIB, 2 * MIB, 3 * MIB, 4 * MIB - 0x1000]), rng.choice([4 * MIB, 5 * MIB, 64 * KIB]), 0]
    order = list(range(4))
    if rng.random() < 0.3:
        sizes[0], sizes[1] = sizes[1], sizes[0]
    return raw(memory, 4, srat(memory, sizes, order, 4))


@family("sparse proximity domains")
def sparse_pxm(rng):
    pxms = rng.sample([0, 3, 5, 17, 100, 254, 255, 300, 1023, 1024, 70000], rng.choice([2, 3, 4]))
    memory = 1024 * MIB
    machine = raw(memory, len(pxms), srat(memory, even_sizes(memory, len(pxms)), pxms, len(pxms)))
    if rng.random() < 0.5:
        machine["acpi"]["SLIT"] = {"matrix": slit(rng, 18)}
    return machine


@family("disabled SRAT entries")
def disabled(rng):
    machine = simple_raw(rng, nodes=3, cpus=4)
    entries = machine["acpi"]["SRAT"]["entries"]
    for entry in rng.sample(entries, rng.randint(1, 2)):
        entry["flags"] = [f for f in entry["flags"] if f != "enabled"]
    entries.append({"type": "memory", "pxm": 9, "base": "0x40000000", "length": "0x40000000", "flags": []})
    return machine


@family("hot-pluggable ranges in the SRAT, with and without movable_node")
def hotplug_flag(rng):
    machine = simple_raw(rng, nodes=rng.choice([2, 3]))
    for entry in mem_entries(machine)[rng.choice([0, 1, 1]):]:
        entry["flags"] = ["enabled", "hotplug"]
    if rng.random() < 0.5:
        machine["acpi"]["SRAT"]["entries"].append(mem(rng.choice([0, 1, 7]), 8 * GIB, 4 * GIB, "hotplug"))
    machine["cmdline"] = rng.choice(["movable_node", "movable_node", "", "movable_node kernelcore=256M"])
    machine["capture"] = ["memory_blocks"]
    return machine


@family("non-volatile ranges in the SRAT")
def nonvolatile(rng):
    machine = simple_raw(rng, nodes=2)
    mem_entries(machine)[-1]["flags"] = ["enabled", "nonvolatile"]
    machine["acpi"]["SRAT"]["entries"].append(mem(2, 16 * GIB, GIB, "nonvolatile"))
    return machine


@family("x2APIC affinity entries")
def x2apic_affinity(rng):
    machine = simple_raw(rng, nodes=2, cpus=4)
    for entry in machine["acpi"]["SRAT"]["entries"]:
        if entry["type"] == "cpu" and rng.random() < 0.7:
            entry["type"] = "x2apic"
    machine["acpi"]["SRAT"]["entries"].append({"type": "x2apic", "pxm": 1, "apic": rng.choice([300, 70000, 255])})
    return machine


@family("CPUs the SRAT does not name")
def unlisted_cpus(rng):
    machine = simple_raw(rng, nodes=rng.choice([2, 3, 4]), cpus=rng.choice([4, 6]))
    entries = machine["acpi"]["SRAT"]["entries"]
    cpus = [e for e in entries if e["type"] == "cpu"]
    for entry in rng.sample(cpus, rng.choice([1, 2, len(cpus)])):
        entries.remove(entry)
    return machine


@family("more possible than present CPUs")
def possible_cpus(rng):
    machine = qemu_nodes(rng, 2, cpus=8)
    machine["smp"] = "%d,maxcpus=8" % rng.randint(1, 4)
    return machine


@family("SRAT of revision 1 and 2, with pxm bits above the low 8")
def srat_revision(rng):
    machine = simple_raw(rng, nodes=3, cpus=3)
    table = machine["acpi"]["SRAT"]
    table["revision"] = rng.choice([0, 1, 1, 2])
    for entry in rng.sample(table["entries"], 3):
        entry["pxm"] += rng.choice([256, 0x1200, 0x10000])
    return machine


@family("malformed SRAT")
def malformed_srat(rng):
    machine = simple_raw(rng, nodes=2)
    table = machine["acpi"]["SRAT"]
    entry = rng.choice(table["entries"])
    kind = rng.choice(["zero", "short", "long", "checksum", "trailing", "unknown", "initrd-checksum"])
    if kind in ("zero", "short", "long"):
        entry["length_byte"] = {"zero": 0, "short": 12, "long": 64}[kind]
    elif kind == "trailing":
        table["trailing"] = "0128000000"
    elif kind == "unknown":
        table["entries"].insert(1, {"type": "raw", "raw": "7f0c" + "00" * 10})
    else:
        table["checksum"] = "bad"
        if kind == "initrd-checksum":
            machine["acpi_via"] = "initrd"
    machine["exercises_more"] = kind
    return machine


@family("SRAT with no use: no memory, empty ranges, ranges with no RAM")
def useless_srat(rng):
    machine = simple_raw(rng, nodes=2)
    table = machine["acpi"]["SRAT"]
    kind = rng.choice(["no-memory", "empty-range", "empty-table", "beyond-ram", "wraps"])
    if kind == "no-memory":
        table["entries"] = [e for e in table["entries"] if e["type"] == "cpu"]
    elif kind == "empty-range":
        table["entries"].insert(rng.choice([0, 3]), mem(1, 0x10000000, 0))
    elif kind == "empty-table":
        table["entries"] = []
    elif kind == "beyond-ram":
        table["entries"].append(mem(rng.choice([1, 4]), 64 * GIB, 4 * GIB))
    else:
        table["entries"].append(mem(1, (1 << 64) - GIB, 2 * GIB))
    machine["exercises_more"] = kind
    return machine


@family("node boundaries at odd addresses")
def odd_boundaries(rng):
    memory = 1024 * MIB
    cut = 512 * MIB + rng.choice([0x1000, 0x1800, 1, 37 * MIB, 0x1FF000, 2 * MIB])
    entries = [cpu(0, 0), cpu(1, 1), mem(0, 0, cut), mem(1, cut, memory - cut)]
    if rng.random() < 0.4:
        entries = [cpu(0, 0), cpu(1, 1), mem(0, 0, 0xA0000), mem(0, MIB, cut - MIB), mem(1, cut, 8 * GIB)]
    return raw(memory, 2, {"revision": 3, "entries": entries}, capture=["memory_blocks"])


@family("SLIT, valid and not")
def slit_variants(rng):
    count = rng.choice([2, 3, 4])
    machine = simple_raw(rng, nodes=count)
    matrix = slit(rng, count)
    kind = rng.choice(["valid", "asymmetric", "diagonal", "below-10", "max", "more", "less", "count-lies", "zero"])
    table = {"matrix": matrix}
    if kind == "asymmetric":
        table["matrix"] = slit(rng, count, symmetric=False)
    elif kind == "diagonal":
        matrix[1][1] = rng.choice([9, 11, 0])
    elif kind == "below-10":
        matrix[0][1] = rng.choice([0, 9, 10])
    elif kind == "max":
        matrix[0][1] = matrix[1][0] = 255
    elif kind == "more":
        table["matrix"] = slit(rng, count + 2)
    elif kind == "less":
        table["matrix"] = slit(rng, count - 1)
    elif kind == "count-lies":
        table["localities"] = count + 3
    elif kind == "zero":
        table = {"values": [], "localities": 0}
    machine["acpi"]["SLIT"] = table
    machine["exercises_more"] = kind
    return machine


@family("HMAT with initiators, latencies and bandwidths")
def hmat(rng):
    machine = qemu_nodes(rng, 2, cpus=2)
    machine["numa"].append({"memory": "256M", "initiator": rng.choice([0, 1])})
    machine["numa"][0]["initiator"], machine["numa"][1]["initiator"] = 0, 1
    machine["memory"] = "%dM" % sum(int(n["memory"].rstrip("M")) for n in machine["numa"])
    machine["machine_options"] = "hmat=on"
    machine["hmat"] = []
    for target in range(3):
        for initiator in range(2):
            machine["hmat"].append("hmat-lb,initiator=%d,target=%d,hierarchy=memory,data-type=access-latency,latency=%d"
                                   % (initiator, target, rng.choice([5, 10, 20, 40])))
            machine["hmat"].append("hmat-lb,initiator=%d,target=%d,hierarchy=memory,data-type=access-bandwidth,bandwidth=%dM"
                                   % (initiator, target, rng.choice([100, 200, 400])))
    machine["dist"] = random_dist(rng, 3)
    if rng.random() < 0.3:
        machine["cmdline"] = "numa=nohmat"
    return machine


@family("generic initiators, with an HMAT of ours")
def generic_initiator(rng):
    machine = simple_raw(rng, nodes=2, cpus=2)
    entries = machine["acpi"]["SRAT"]["entries"]
    initiator = rng.choice([2, 5])
    entries.append({"type": "generic_initiator", "pxm": initiator, "pci": [0, 0x0800]})
    if rng.random() < 0.5:
        entries.append({"type": "generic_initiator", "pxm": 1, "handle": "ACPI0017", "flags": rng.choice([[], ["enabled"]])})
    machine["acpi"]["HMAT"] = {"entries": [
        {"type": "proximity", "memory": 0, "initiator": 0}, {"type": "proximity", "memory": 1, "initiator": initiator},
        {"type": "latency_bandwidth", "data_type": 0, "initiators": [0, 1, initiator], "targets": [0, 1], "base": 100,
         "values": [[1, 3], [3, 1], [2, 2]]},
        {"type": "latency_bandwidth", "data_type": 3, "initiators": [0, 1, initiator], "targets": [0, 1], "base": 1,
         "values": [[400, 200], [200, 400], [300, 300]]}]}
    return machine


@family("firmware map unsorted, overlapping, adjacent, unaligned")
def odd_e820(rng):
    machine = rng.choice([lambda: simple_raw(rng, nodes=2), lambda: {"memory": "1024M", "smp": "2"}])()
    memory = int(machine["memory"][:-1]) * MIB
    e820 = standard_e820(memory)
    low = ram_ranges(memory)[0][1] - ACPI_TAIL
    e820.remove([MIB, low - MIB, "ram"])
    base = MIB
    while base < low:
        length = low - base if rng.random() < 0.15 else min(low - base, rng.randrange(100 * MIB, 300 * MIB) + rng.choice([0, 1, 0x800]))
        e820.append([base, length, "ram"])
        base += length
    for _ in range(rng.randint(2, 6)):
        start = rng.randrange(LOADER_END, low - 64 * MIB) & ~rng.choice([0xFFF, 0xFFF, 0])
        e820.append([start, rng.choice([1, 0xFFF, 0x1000, 0x2345, 3 * MIB]),
                     rng.choice(["ram", "reserved", "acpi", "nvs", "pmem", "soft_reserved", "0x55"])])
    rng.shuffle(e820)
    machine.update(loader="direct", e820=e820)
    return machine


@family("more entries in the firmware map than boot_params holds")
def many_e820(rng):
    memory, count = 2048 * MIB, rng.choice([60, 100, 140, 250])
    e820 = standard_e820(memory)
    step = (memory - LOADER_END - MIB) // count & ~0xFFF
    for index in range(count):
        e820.append([LOADER_END + index * step, rng.choice([0x1000, 0x3000, 0x80000]), rng.choice(["reserved", "nvs"])])
    return {"memory": "2048M", "smp": "2", "loader": "direct", "e820": e820}


@family("no usable RAM below 1 MiB, or little of it")
def low_ram_missing(rng):
    machine = simple_raw(rng, nodes=2)
    memory = int(machine["memory"][:-1]) * MIB
    e820 = [e for e in standard_e820(memory) if e[0] >= 0xF0000]
    e820.insert(0, rng.choice([[0, 0x1000, "ram"], [0x1000, 0x7F000, "ram"], [0, 0x20000, "ram"], [0, 0xA0000, "reserved"]]))
    machine.update(loader="direct", e820=e820)
    return machine


@family("memmap= on the command line")
def memmap(rng):
    machine = rng.choice([lambda: simple_raw(rng, nodes=2, memory=GIB), lambda: {"memory": "1024M", "smp": "2"}])()
    machine["cmdline"] = rng.choice([
        "memmap=exactmap memmap=640K@0 memmap=900M@1M",
        "memmap=exactmap memmap=640K@0 memmap=300M@1M memmap=200M@600M memmap=128K#1023M",
        "memmap=64M$512M memmap=16M$0x30000800",
        "memmap=128M!512M", "memmap=128M!512M memmap=32M!0x38000000",
        "memmap=32M#700M", "memmap=512M", "memmap=700M@16M",
        "memmap=64M%0x20000000-1+2", "memmap=64M%0x20000000+12", "memmap=16M%0x30000000-1", "memmap=nonsense memmap=4K$0x9000"])
    return machine


@family("mem= on the command line")
def mem_limit(rng):
    machine = rng.choice([lambda: qemu_nodes(rng, 2, unit=512), lambda: simple_raw(rng, nodes=2)])()
    machine["cmdline"] = "mem=" + rng.choice(["400M", "700M", "0x28000800", "512M", "100G", "600M mem=500M"])
    return machine


@family("numa=off, noacpi, nohmat")
def numa_off(rng):
    machine = qemu_nodes(rng, rng.choice([2, 3]))
    machine["dist"] = random_dist(rng, len(machine["numa"]))
    machine["cmdline"] = rng.choice(["numa=off", "numa=noacpi", "numa=off numa=fake=2", "numa=noacpi numa=fake=3", "acpi=off",
                                     "noapic", "numa=nohmat", "maxcpus=1 numa=off"])
    return machine


def fake_machine(rng):
    return rng.choice([lambda: {"memory": rng.choice(["1024M", "1500M", "5G"]), "smp": str(rng.choice([2, 4]))},
                       lambda: simple_raw(rng), lambda: qemu_nodes(rng, rng.choice([2, 3]), unit=512)])()


@family("numa=fake=N")
def fake_count(rng):
    machine = fake_machine(rng)
    machine["cmdline"] = "numa=fake=%d" % rng.choice([1, 2, 3, 4, 5, 7, 8, 16, 31, 64, 100, 0])
    return machine


@family("numa=fake=SIZE")
def fake_size(rng):
    machine = fake_machine(rng)
    machine["cmdline"] = "numa=fake=" + rng.choice(["64M", "100M", "128M", "250M", "256M", "300m", "512M", "1G", "16M", "33M", "8G"])
    return machine


@family("numa=fake=NU, nodes cut uniformly")
def fake_uniform(rng):
    machine = rng.choice([lambda: simple_raw(rng), lambda: qemu_nodes(rng, rng.choice([2, 3, 4]), unit=512)])()
    machine["cmdline"] = "numa=fake=" + rng.choice(["2U", "3U", "4U", "8U", "1U", "2u", "16U", "5U"])
    return machine


@family("NUMA emulation on top of a SLIT, and fake distances")
def fake_distance(rng):
    machine = simple_raw(rng, nodes=3)
    machine["acpi"]["SLIT"] = {"matrix": slit(rng, 3)}
    machine["cmdline"] = "numa=fake=" + rng.choice(["4", "2U", "6:10,20,30,40", "3:10,15,20,15,10,25,20,25,10", "2:10,30,30,10",
                                                   "2U:10,21,21,10", "256M:10,12,12,10", "4:5,6,7,8", "5:"])
    return machine


@family("kernelcore= and movablecore= sizes")
def kernelcore(rng):
    machine = rng.choice([lambda: qemu_nodes(rng, rng.choice([2, 3]), unit=512), lambda: {"memory": "1500M", "smp": "2"},
                          lambda: simple_raw(rng, nodes=3)])()
    machine["cmdline"] = rng.choice(["kernelcore=512M", "movablecore=400M", "kernelcore=300M movablecore=500M", "movablecore=1000M",
                                     "kernelcore=100G", "kernelcore=64M", "movablecore=0x12345678"])
    machine["capture"] = ["memory_blocks"]
    return machine


@family("kernelcore= and movablecore= percentages, mirror")
def kernelcore_percent(rng):
    machine = rng.choice([lambda: qemu_nodes(rng, rng.choice([2, 4]), unit=512), lambda: {"memory": "5G", "smp": "2"}])()
    machine["cmdline"] = rng.choice(["kernelcore=50%", "movablecore=30%", "kernelcore=33% movablecore=50%", "kernelcore=mirror",
                                     "kernelcore=100%", "movablecore=99%", "kernelcore=150%"])
    return machine


@family("nr_cpus=, maxcpus=, possible_cpus=")
def cpu_limits(rng):
    machine = rng.choice([lambda: qemu_nodes(rng, 2, cpus=6), lambda: simple_raw(rng, nodes=3, cpus=6)])()
    machine["cmdline"] = rng.choice(["nr_cpus=2", "nr_cpus=3", "maxcpus=1", "maxcpus=3", "possible_cpus=12", "possible_cpus=4",
                                     "nosmp", "maxcpus=0", "additional_cpus=2", "nr_cpus=1", "disable_cpu_apicid=1", "nolapic"])
    return machine


@family("huge pages asked at boot")
def hugepages(rng):
    machine = rng.choice([lambda: qemu_nodes(rng, 2, unit=768), lambda: simple_raw(rng, nodes=2, memory=1536 * MIB)])()
    machine["cmdline"] = rng.choice(["hugepages=64", "hugepages=0:20,1:30", "hugepagesz=1G hugepages=1 hugepagesz=2M hugepages=10",
                                     "default_hugepagesz=1G hugepages=1", "hugepages=1:5,7:3", "hugepages=5000", "hugetlb_cma=256M"])
    return machine


@family("memory slots for hotplug (-m slots, maxmem)")
def memory_slots(rng):
    machine = qemu_nodes(rng, 2)
    machine.update(memory_slots=4, memory_max=rng.choice(["4G", "8G", "40G"]))
    machine["cmdline"] = rng.choice(["", "movable_node", "memhp_default_state=online_movable"])
    if rng.random() < 0.5:
        machine["qemu"] = ["-object", "memory-backend-ram,id=dimm,size=256M", "-device", "pc-dimm,memdev=dimm,node=1"]
    machine["capture"] = ["memory_blocks"]
    return machine


@family("EFI boot (OVMF)")
def efi(rng):
    machine = rng.choice([lambda: {"memory": "1024M", "smp": "2"}, lambda: qemu_nodes(rng, 2, unit=512)])()
    machine.update(firmware="ovmf", machine="q35", timeout=200)
    machine["cmdline"] = rng.choice(["", "efi=debug", "numa=fake=3", "kernelcore=mirror efi=debug", "efi=nosoftreserve"])
    return machine


@family("kernel at a random address")
def kaslr(rng):
    machine = rng.choice([lambda: simple_raw(rng), lambda: {"memory": "3G", "smp": "2"}, lambda: qemu_nodes(rng, 2)])()
    machine["base_cmdline"] = ("console=ttyS0 earlyprintk=ttyS0,115200 ignore_loglevel log_buf_len=4M panic=-1 "
                               "no_timer_check memblock=debug mminit_loglevel=4")
    machine["cmdline"] = rng.choice(["", "movable_node", "mem=700M"])
    return machine


@family("16 GiB and more")
def big_memory(rng):
    size = rng.choice([16, 24, 40, 64])
    nodes = rng.choice([1, 2, 4])
    if nodes == 1:
        return {"memory": "%dG" % size, "smp": "2"}
    return raw(size * GIB, 4, srat(size * GIB, even_sizes(size * GIB, nodes), list(range(nodes)), 4),
               cmdline=rng.choice(["", "numa=fake=8", "kernelcore=4G", "movablecore=25%"]))


@family("small memory")
def small_memory(rng):
    size = rng.choice([64, 96, 112, 128, 140, 160, 200])
    machine = {"memory": "%dM" % size, "smp": "1"}
    machine["base_cmdline"] = ("console=ttyS0 earlyprintk=ttyS0,115200 ignore_loglevel log_buf_len=1M panic=-1 "
                               "no_timer_check nokaslr memblock=debug mminit_loglevel=4")
    if rng.random() < 0.4:
        machine["cmdline"] = rng.choice(["numa=fake=2", "numa=fake=32M"])
    return machine


@family("many CPUs")
def many_cpus(rng):
    cpus, nodes = rng.choice([(16, 4), (24, 3), (32, 8), (64, 4)])
    machine = qemu_nodes(rng, nodes, cpus=cpus)
    if cpus > 24:
        machine["cmdline"] = "maxcpus=4"
    machine["timeout"] = 240
    return machine


@family("holes in the APIC ids")
def apic_holes(rng):
    cores, sockets = rng.choice([(3, 2), (3, 3), (5, 2), (6, 1)])
    cpus = cores * sockets
    machine = qemu_nodes(rng, sockets, cpus=cpus)
    machine["smp"] = "%d,sockets=%d,cores=%d,threads=1" % (cpus, sockets, cores)
    return machine


@family("a MADT of ours: disabled, repeated, x2APIC, hot-pluggable CPUs")
def madt(rng):
    machine = simple_raw(rng, nodes=2, cpus=4)
    entries = [{"type": "lapic", "uid": i, "apic": i} for i in range(4)]
    kind = rng.choice(["disabled", "reversed", "extra", "x2apic", "repeated", "online-capable"])
    if kind == "disabled":
        entries[rng.randint(1, 3)]["flags"] = []
    elif kind == "reversed":
        entries.reverse()
    elif kind == "extra":
        entries += [{"type": "lapic", "uid": 10 + i, "apic": 10 + i, "flags": []} for i in range(3)]
        machine["acpi"]["SRAT"]["entries"] += [cpu(1, 10), cpu(0, 11), cpu(1, 12)]
    elif kind == "x2apic":
        entries += [{"type": "x2apic", "uid": 20 + i, "apic": 300 + i} for i in range(2)]
    elif kind == "repeated":
        entries += [{"type": "lapic", "uid": 30, "apic": 1}, {"type": "x2apic", "uid": 2, "apic": 2}]
    else:
        entries += [{"type": "lapic", "uid": 40, "apic": 8, "flags": ["online_capable"]}]
    machine["acpi"]["APIC"] = {"revision": rng.choice([1, 3, 5]), "entries": entries}
    machine["exercises_more"] = kind
    return machine


@family("SRAT and SLIT of ours in place of QEMU's, through the initramfs")
def initrd_tables(rng):
    machine = qemu_nodes(rng, 2, unit=512)
    memory = int(machine["memory"][:-1]) * MIB
    count = rng.choice([3, 4])
    machine["acpi"] = {"SRAT": srat(memory, even_sizes(memory, count), list(range(count)), int(machine["smp"])),
                       "SLIT": {"matrix": slit(rng, count)}}
    return machine


@family("several features at once")
def combined(rng):
    machine = rng.choice([shuffled, sparse_pxm, hotplug_flag, odd_e820, unlisted_cpus, apic_holes])(rng)
    extra = [rng.choice(["numa=fake=4", "numa=fake=2U", "numa=fake=256M", ""]),
             rng.choice(["kernelcore=40%", "movablecore=300M", "movable_node", ""]),
             rng.choice(["mem=900M", "nr_cpus=2", "memmap=16M$0x18000000", ""])]
    machine["cmdline"] = " ".join(w for w in [machine.get("cmdline", "")] + extra if w)
    return machine


# ---- 32-bit -------------------------------------------------------------

@family("32-bit, plain", I386_FAMILIES)
def i386_plain(rng):
    return {"memory": rng.choice(["256M", "800M", "1200M", "2G", "5G"]), "smp": str(rng.randint(1, 4))}


@family("32-bit, highmem=, vmalloc=", I386_FAMILIES)
def i386_highmem(rng):
    return {"memory": rng.choice(["512M", "1G", "2G", "4G"]), "smp": "2",
            "cmdline": rng.choice(["highmem=100M", "highmem=0", "highmem=512M", "vmalloc=256M", "vmalloc=400M highmem=64M",
                                   "vmalloc=16M", "highmem=3G"])}


@family("32-bit, mem= and memmap=", I386_FAMILIES)
def i386_limits(rng):
    return {"memory": rng.choice(["1G", "2G"]), "smp": "2",
            "cmdline": rng.choice(["mem=600M", "mem=1500M", "memmap=64M$256M", "mem=900M highmem=100M",
                                   "memmap=exactmap memmap=640K@0 memmap=700M@1M"])}


@family("32-bit, with a SRAT, kernelcore=, movablecore=", I386_FAMILIES)
def i386_nodes(rng):
    machine = simple_raw(rng, nodes=2, memory=rng.choice([1024, 2048]) * MIB)
    machine["cmdline"] = rng.choice(["", "kernelcore=512M", "movablecore=300M", "numa=fake=2", "movablecore=20%"])
    return machine


@family("32-bit, odd firmware map", I386_FAMILIES)
def i386_e820(rng):
    return odd_e820(rng)
