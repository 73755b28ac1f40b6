#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# Runs as process 1 of the booted kernel: copies what the kernel tells about
# memory, nodes and CPUs, and sends it as a gzipped tar on the second serial
# port. The host trims it. Errors are expected (write-only files) and ignored.
B=/bin/busybox
$B mount -t proc proc /proc
$B mount -t sysfs sys /sys
$B mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
$B dmesg -n 1
$B dmesg -r -s 16777216 >/out/dmesg

P=/out/sysroot/proc
S=/out/sysroot/sys
$B mkdir -p $P/sys/vm $S/firmware/acpi $S/devices/system/cpu $S/devices/system/memory \
	$S/devices/virtual $S/kernel/mm $S/firmware/efi $S/kernel/debug/x86/topo

for f in cmdline zoneinfo buddyinfo iomem meminfo cpuinfo version \
	sys/vm/lowmem_reserve_ratio sys/vm/min_free_kbytes sys/vm/numa_zonelist_order \
	sys/vm/nr_hugepages sys/vm/zone_reclaim_mode sys/vm/watermark_scale_factor; do
	[ -e /proc/$f ] && $B cat /proc/$f >$P/$f
done

$B cp -R /sys/firmware/memmap $S/firmware/
$B cp -R /sys/firmware/acpi/tables $S/firmware/acpi/

$B cp -R /sys/devices/system/node $S/devices/system/
$B cp -R /sys/devices/virtual/memory_tiering $S/devices/virtual/
$B cp -R /sys/kernel/mm/hugepages $S/kernel/mm/
$B cp -R /sys/kernel/boot_params $S/kernel/
$B cp -R /sys/kernel/debug/x86/topo/domains $S/kernel/debug/x86/topo/
C=/sys/devices/system/cpu
$B cp $C/possible $C/present $C/online $C/offline $C/kernel_max $C/isolated $S/devices/system/cpu/
M=/sys/devices/system/memory
$B cp $M/block_size_bytes $M/auto_online_blocks $S/devices/system/memory/
if $B grep -q numaboot.memory_blocks /proc/cmdline; then
	for b in $M/memory[0-9]*; do
		d=$S/devices/system/memory/${b##*/}
		$B mkdir -p $d
		$B cp $b/phys_index $b/valid_zones $b/state $b/removable $d/
	done
fi

$B stty -F /dev/ttyS1 raw -echo -ixon -opost 115200
$B echo 'numaboot-oracle: files' >/dev/ttyS1
$B tar -C /out -cf - . | $B gzip -1 >/dev/ttyS1
$B sleep 0.3	# lets the port drain: the host kills QEMU at the next line
$B echo "numaboot-oracle: done" >/dev/ttyS0
$B reboot -f
