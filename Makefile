# SPDX-License-Identifier: GPL-2.0
# What people type. The module's own build description is in Kbuild.

PREFIX	?= /usr/local
KERNELS	:= $(or $(KERNEL),6.1 6.12)
debug_kernels := $(or $(filter debug-%,$(KERNEL)),debug-kasan debug-kcsan)
other_kernels := $(or $(KERNEL),6.1-rt 6.12-rt 6.1 6.12 6.1-ipv4 6.1-noct)
lib	:= tests/lib
sudo	:= $(if $(filter 0,$(shell id -u)),,sudo)
running	:= $(or $(KVER),$(shell uname -r))
updates	 = $(DESTDIR)/lib/modules/$(running)/updates
doc	 = $(DESTDIR)$(PREFIX)/share/doc/tcptrace

all: module client ## module and client (the default)

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | \
		expand -t 17

module: ## the module, for the running kernel or the newest headers (KVER=)
	@$(lib)/module.sh $(KVER)

client: ## tcptracectl, and the examples of readers
	@$(MAKE) --no-print-directory -C userspace BUILD=$(CURDIR)/build/userspace

demo: ## boot a VM and watch real traffic in it
	@tests/demo.sh

shell: ## a root prompt in a VM with the module loaded (KERNEL=6.1 or 6.12)
	@$(lib)/deps.sh demo
	@$(lib)/module.sh "$$($(lib)/kernel.sh headers $(firstword $(KERNELS)))"
	@$(MAKE) --no-print-directory client
	@$(lib)/vm.sh shell $(firstword $(KERNELS))

check: ## every test: style, KUnit, client, VM
	@tests/check.sh

style: ## style and build gates
	@tests/check.sh style

uapi-check: ## the ABI header against its record (RECORD=1: record it)
	@$(lib)/deps.sh uapi
	@tests/uapi.sh $(if $(filter 1,$(RECORD)),--record)

diff: ## the classes of segments, against tshark's
	@tests/check.sh diff

fuzz: ## parser, engine and capture reader under libFuzzer (SECONDS= for each)
	@$(lib)/deps.sh fuzz
	@tests/fuzz/run.sh $(or $(SECONDS),60)

speed: ## how fast capture files are read, beside tshark and tcptrace
	@tests/speed.sh

bench: ## what it costs, beside conntrack (RECORD=1: record it)
	@$(lib)/deps.sh bench
	@tests/bench.sh $(if $(filter 1,$(RECORD)),--record)

check-debug: ## VM tests and stress on debug kernels (KERNEL=debug-kasan, TEST=)
	@$(lib)/deps.sh debug
	@TCPTRACE_TEST=$(TEST) tests/check.sh \
		$(foreach k,$(debug_kernels),vm-$(k) stress-$(k))

stress: ## all at once, and floods, on stock kernels (KERNEL=, TEST=)
	@TCPTRACE_TEST=$(TEST) tests/check.sh $(KERNELS:%=stress-%)

# all of tests/vm where make check does not run them, and other numbers of CPUs
check-kernels: ## VM tests on PREEMPT_RT, 1 and 4 CPUs, lean kernels (KERNEL=, TEST=)
	@$(lib)/deps.sh debug
	@TCPTRACE_TEST=$(TEST) tests/check.sh \
		$(patsubst %,vm-%,$(filter-out 6.1 6.12,$(other_kernels))) \
		$(foreach n,1 4,$(patsubst %,smp$(n)-%,\
			$(filter 6.1 6.12 %-rt,$(other_kernels))))

kunit: ## KUnit suites in UML (KERNEL=)
	@tests/check.sh $(KERNELS:%=kunit-%)

vmtest: ## VM tests (KERNEL=, TEST=name of one script in tests/vm)
	@TCPTRACE_TEST=$(TEST) tests/check.sh $(KERNELS:%=vm-%)

hostile: ## 2,000,000 hostile packets in a VM (KERNEL=, PACKETS=, SEED=)
	@TCPTRACE_PACKETS=$(or $(PACKETS),2000000) TCPTRACE_SEED=$(SEED) \
		tests/hostile.sh $(KERNELS)

soak: ## steady traffic for MINUTES=30 (KERNEL=): memory, table and lag
	@tests/soak.sh $(or $(MINUTES),30) $(firstword $(KERNELS))

load: ## insert the module into the running kernel
	@$(lib)/module.sh "$$(uname -r)"
	$(sudo) insmod build/$$(uname -r)/module/tcptrace.ko

unload: ## take it out again
	$(sudo) rmmod tcptrace

install: client ## module, client, man page (DESTDIR=, PREFIX=, KVER=)
	@$(lib)/module.sh "$(running)"
	install -D -m 0644 build/$(running)/module/tcptrace.ko \
		$(updates)/tcptrace.ko
	$(if $(DESTDIR),,depmod $(running))
	@$(MAKE) --no-print-directory -C userspace install \
		BUILD=$(CURDIR)/build/userspace

uninstall: ## remove what install put there
	rm -f $(updates)/tcptrace.ko
	$(if $(DESTDIR),,depmod $(running))
	rm -f $(DESTDIR)$(PREFIX)/sbin/tcptracectl \
		$(DESTDIR)$(PREFIX)/share/man/man8/tcptracectl.8 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/tcptracectl \
		$(doc)/60-tcptrace.rules $(doc)/examples/reader.c \
		$(doc)/examples/mmap.c
	$(if $(wildcard $(doc)/examples),rmdir $(doc)/examples)
	$(if $(wildcard $(doc)),rmdir --ignore-fail-on-non-empty $(doc))

clean: ## remove build/ (the cache, ~/.cache/tcptrace, stays)
	rm -rf build

deps: ## install the packages that all of this needs
	@$(lib)/deps.sh check

export PREFIX DESTDIR
# the shell has a variable of that name
unexport SECONDS

.PHONY: all help module client demo shell check check-debug check-kernels \
	style uapi-check diff fuzz speed bench stress kunit vmtest hostile soak \
	load unload install uninstall clean deps
