# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # src, cache: common.sh
# Functions that build the programs for the measurements in a VM. Source this
# file after common.sh and kbuild.sh.

programs=$src/build/bench	# vm.sh passes them to the guest
tree=$src/build/bench-module
plugin=$src/build/bench-plugin.so

# For B8, build a module that exports no records; only its event.c is different.
build_noevent()
(
	out=$cache/module/bench-noevent

	cache_lock module-bench-noevent
	mirror "$out"
	cp "$src/tests/bench/noevent.c" "$out/module/event.c"
	kbuild "$release" "$out"
	cp "$out/module/tcptrace.ko" "$programs/noevent.ko"
)

build_programs()
{
	local name

	for name in reader lines; do
		gcc -O2 -Wall -Wextra -Werror -I"$src/include/uapi" \
			-o "$programs/$name" "$src/tests/bench/$name.c"
	done
	gcc -shared -fPIC -O2 -Wall -Wextra -Werror -o "$plugin" \
		"$src/tests/bench/plugin.c"
}

# Sets release and TCPTRACE_KO.
build_bench()
{
	release=$("$src/tests/lib/kernel.sh" headers 6.1)
	mkdir -p "$programs"
	quietly "$src/tests/lib/module.sh" --in bench-module "$release" \
		CONFIG_TCPTRACE_BENCH=m
	cp "$tree/tests/bench/tcptrace_bench.ko" "$programs/"
	build_programs
	export TCPTRACE_KO=$tree/module/tcptrace.ko
}
