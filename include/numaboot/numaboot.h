/* SPDX-License-Identifier: MIT */
/* numaboot: all public headers, in reading order. */
#ifndef NUMABOOT_H
#define NUMABOOT_H

#include <numaboot/base.h>
#include <numaboot/firmware.h>
#include <numaboot/acpi.h>
#include <numaboot/adapters.h>
#include <numaboot/params.h>
#include <numaboot/events.h>
#include <numaboot/rules.h>
#include <numaboot/e820.h>
#include <numaboot/memblock.h>
#include <numaboot/pagetable.h>
#include <numaboot/mapping.h>
#include <numaboot/numa.h>
#include <numaboot/crash.h>
#include <numaboot/zones.h>
#include <numaboot/cpus.h>
#include <numaboot/percpu.h>
#include <numaboot/zonelists.h>
#include <numaboot/bounce.h>
#include <numaboot/pages.h>
#include <numaboot/managed.h>
#include <numaboot/smp.h>
#include <numaboot/watermarks.h>
#include <numaboot/access.h>
#include <numaboot/boot.h>
#include <numaboot/render.h>

#endif
