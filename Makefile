# SPDX-License-Identifier: MIT
#
# The front of the build. meson does the work; each target sets itself up first.
#
#     make run        predict this machine
#     make boot       boots the image on a QEMU machine of four nodes
#     make check      every test
#     make install    the command, the library, its headers (PREFIX, DESTDIR)
#     make bench      time and bytes
#     make fuzz       every fuzz target for FUZZ_SECONDS each
#     make oracle     boot real kernels on the machines of SEEDS, and judge the predictions
#     make asan       build with clang, AddressSanitizer and UBSan
#     make tsan       build with clang and ThreadSanitizer; the tests that have threads
#     make stress     those tests, with a thousand million operations
#     make format     let clang-format have its way
#     make clean

PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60
SEEDS ?= 0-9
LINES ?= 5.10,6.1,6.12,7.3
PLAIN = build/plain

.PHONY: all run boot check install bench fuzz oracle asan tsan stress format clean

all: $(PLAIN)/build.ninja
	ninja -C $(PLAIN)

# No tests here: running and installing need no test library.
$(PLAIN)/build.ninja:
	tools/setup run
	CC=gcc meson setup $(PLAIN) --prefix=$(PREFIX) -Dtests=disabled

run: all
	@tools/run $(PLAIN)

# The shape is that of a machine that Linux was booted on.
boot: all
	tools/setup boot
	tests/machines/unpack tests/machines/6.12.tar.xz $(PLAIN)/machines
	$(PLAIN)/hosts/cli/numaboot boot $(PLAIN)/machines/four_nodes-000

check:
	tools/setup check
	tools/check

install: all
	meson configure $(PLAIN) --prefix=$(abspath $(PREFIX))
	DESTDIR=$(DESTDIR) meson install -C $(PLAIN)

bench: all
	meson test -C $(PLAIN) --benchmark --no-suite stress --verbose

fuzz: asan
	tools/fuzz build/asan $(FUZZ_SECONDS)

oracle: all
	tools/setup oracle $(LINES)
	tools/oracle/make-cases build/oracle --seeds $(SEEDS) --kernels $(LINES) \
		--verify $(PLAIN)/hosts/cli/numaboot

asan:
	tools/setup check
	tools/check build-asan

tsan:
	tools/setup check
	tools/check tsan

stress:
	tools/setup check
	tools/check stress

format:
	tools/check-format --fix

clean:
	rm -rf build
