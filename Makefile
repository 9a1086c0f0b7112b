# SPDX-License-Identifier: GPL-2.0
# Targets for users and developers. Kbuild contains the rules for the module.

PREFIX	?= /usr/local
tested	:= $(shell awk '/^[0-9]/ { print $$1 }' tests/lib/kernels)
KERNELS	:= $(or $(KERNEL),$(tested))
debug_kernels := $(or $(filter debug-%,$(KERNEL)),debug-kasan debug-kcsan)
other_kernels := $(or $(KERNEL),$(tested:%=%-rt) $(tested) 6.1-ipv4 6.1-noct)
lib	:= tests/lib
sudo	:= $(if $(filter 0,$(shell id -u)),,sudo)
running	:= $(or $(KVER),$(shell uname -r))
updates	 = $(DESTDIR)/lib/modules/$(running)/updates
doc	 = $(DESTDIR)$(PREFIX)/share/doc/tcptrace

all: module client ## build module and client (the default)

help: ## list the targets for users
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | \
		expand -t 17
	@tests/check.sh --help | sed 's/^/  /'

help-dev: ## list the other targets, for developers
	@sed -n 's/^\([a-z-]*\):[^#]*### \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | \
		expand -t 17

module: ## build for the running kernel or the newest headers (KVER=)
	@$(lib)/module.sh $(KVER)

client: ## build tcptracectl and the example readers
	@$(MAKE) --no-print-directory -C userspace BUILD=$(CURDIR)/build/userspace

demo: ## boot a VM and watch real traffic in it
	@tests/demo.sh

lab: ## explain TCP with real traffic in a VM (LESSON=handshake|data|..., IN=ko)
	@tests/lab.sh "$(LESSON)" $(IN)

check: ## run the tests, or SECTION="style kunit-6.1 ..." (TEST= one VM test)
	@TCPTRACE_TEST=$(TEST) tests/check.sh $(SECTION)

bench: ## measure the cost beside conntrack (RECORD=1 records it)
	@$(lib)/deps.sh bench
	@tests/bench.sh $(if $(filter 1,$(RECORD)),--record)

shell: ## open a root prompt in a VM with the module loaded (KERNEL=)
	@$(lib)/deps.sh demo
	@$(lib)/module.sh "$$($(lib)/kernel.sh headers $(firstword $(KERNELS)))"
	@$(MAKE) --no-print-directory client
	@$(lib)/vm.sh shell $(firstword $(KERNELS))

deps: ### install the packages that the tests need
	@$(lib)/deps.sh check

style: ### run the style and build gates
	@tests/check.sh style

kunit: ### run the KUnit suites in UML (KERNEL=)
	@tests/check.sh $(KERNELS:%=kunit-%)

vmtest: ### run all VM tests (KERNEL=, TEST=name of one in tests/vm)
	@TCPTRACE_TEST=$(TEST) tests/check.sh $(KERNELS:%=vm-%)

check-debug: ### run VM tests and stress on debug kernels (KERNEL=, TEST=)
	@$(lib)/deps.sh debug
	@TCPTRACE_TEST=$(TEST) tests/check.sh \
		$(foreach k,$(debug_kernels),vm-$(k) stress-$(k))

# Run all tests of tests/vm on the kernels that make check omits. Also run some
# of the tests on all of Debian's kernels, with one CPU and with four CPUs.
check-kernels: ### run VM tests on RT and lean kernels, 1 and 4 CPUs (KERNEL=, TEST=)
	@$(lib)/deps.sh debug
	@TCPTRACE_TEST=$(TEST) tests/check.sh \
		$(patsubst %,vm-%,$(filter-out $(tested),$(other_kernels))) \
		$(foreach n,1 4,$(patsubst %,smp$(n)-%,\
			$(filter $(tested) %-rt,$(other_kernels))))

check-packages: ### build, install, upgrade, boot, purge the packages (SUITE=)
	@$(lib)/deps.sh packages
	@tests/check.sh $(patsubst %,packages-%,$(or $(SUITE),bookworm trixie))

uapi-check: ### compare the ABI header with its record (RECORD=1 records it)
	@$(lib)/deps.sh uapi
	@tests/uapi.sh $(if $(filter 1,$(RECORD)),--record)

fuzz: ### fuzz parser, engine and capture reader (SECONDS= for each)
	@$(lib)/deps.sh fuzz
	@tests/fuzz/run.sh $(or $(SECONDS),60)

mutants: ### plant each bug of tests/mutants; a test must fail (ONLY=ring-*)
	@$(lib)/deps.sh check
	@tests/mutants.sh $(if $(ONLY),'$(ONLY)')

hostile: ### send hostile packets in a VM (PACKETS=2000000, SEED=, KERNEL=)
	@TCPTRACE_PACKETS=$(or $(PACKETS),2000000) TCPTRACE_SEED=$(SEED) \
		tests/hostile.sh $(KERNELS)

soak: ### send steady traffic; watch memory, table, lag (MINUTES=30, KERNEL=)
	@tests/soak.sh $(or $(MINUTES),30) $(firstword $(KERNELS))

latency: ### measure delays of other users with 1,000,000 connections
	@$(lib)/deps.sh bench
	@tests/bench.sh --latency

fleet: ### ship 1,000,000 records of hosts in a VM into ClickHouse
	@$(lib)/deps.sh build vm fleet
	@tests/fleet.sh

speed: ### compare the speed of tcptracectl, tshark and tcptrace on a capture
	@tests/speed.sh

load: ## build the module and insert it into the running kernel
	@$(lib)/module.sh "$$(uname -r)"
	$(sudo) insmod build/$$(uname -r)/module/tcptrace.ko

sign: ## sign the built module for Secure Boot (KEYS=folder, KVER=)
	$(sudo) $(lib)/sign.sh $(or $(KEYS),/etc/tcptrace/keys) \
		build/$(running)/module/tcptrace.ko

unload: ## remove the module from the running kernel
	$(sudo) rmmod tcptrace

install: client ## install module, client, man page (DESTDIR=, PREFIX=, KVER=)
	@$(lib)/module.sh "$(running)"
	install -D -m 0644 build/$(running)/module/tcptrace.ko \
		$(updates)/tcptrace.ko
	$(if $(DESTDIR),,depmod $(running))
	@$(MAKE) --no-print-directory -C userspace install \
		BUILD=$(CURDIR)/build/userspace

install-fleet: ## install programs that ship records (DESTDIR=, PREFIX=)
	@$(MAKE) --no-print-directory -C userspace/fleet install

uninstall: ## remove the installed files
	@$(MAKE) --no-print-directory -C userspace/fleet uninstall
	rm -f $(updates)/tcptrace.ko
	$(if $(DESTDIR),,depmod $(running))
	rm -f $(DESTDIR)$(PREFIX)/sbin/tcptracectl \
		$(DESTDIR)$(PREFIX)/share/man/man8/tcptracectl.8 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/tcptracectl \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_tcptracectl \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/tcptracectl.fish \
		$(DESTDIR)$(PREFIX)/share/tcptracectl/tcptracectl.schema.json \
		$(DESTDIR)$(PREFIX)/share/locale/ko/LC_MESSAGES/tcptracectl.mo \
		$(DESTDIR)$(PREFIX)/lib/systemd/system/tcptrace-export.service \
		$(doc)/60-tcptrace.rules $(doc)/examples/reader.c \
		$(doc)/examples/mmap.c $(doc)/prometheus/tcptrace.rules.yml \
		$(doc)/prometheus/dashboard.json $(doc)/examples/reader.py \
		$(DESTDIR)$(PREFIX)/share/pkgconfig/tcptrace.pc \
		$(DESTDIR)$(PREFIX)/include/linux/tcptrace.h
	$(if $(wildcard $(doc)/examples),rmdir $(doc)/examples)
	$(if $(wildcard $(doc)/prometheus),rmdir $(doc)/prometheus)
	$(if $(wildcard $(doc)),rmdir --ignore-fail-on-non-empty $(doc))

dist: ## pack the sources reproducibly (build/dist)
	@$(lib)/dist.sh

deb: ## build the Debian packages (build/deb)
	@$(lib)/deps.sh packages
	@$(lib)/deb.sh

clean: ## remove build/, but not the cache in ~/.cache/tcptrace
	rm -rf build

export PREFIX DESTDIR
# SECONDS is a special variable of bash, so it must not be exported.
unexport SECONDS

.PHONY: all help help-dev module client demo lab check bench shell deps style kunit \
	vmtest check-debug check-kernels check-packages uapi-check fuzz mutants \
	hostile soak latency fleet speed load sign unload install \
	install-fleet uninstall dist deb clean
