# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # src, cache: common.sh
# Sourced after common.sh: build a UML kernel that contains the project.
# uml_kernel SERIES NAME CONFIG FOLDER... writes the kernel to $out/linux. The
# caller must hold the lock "uml-SERIES", so that no other checkout replaces the
# file.

# Print a hash of all inputs of a kernel: a build is stale only if they change.
uml_fingerprint()
{
	{
		echo "$src"
		cat "$tree/.package"
		gcc --version | head -n 1
		cd "$src" || exit
		find Kbuild Kconfig module include "${folders[@]}" \
			-type f ! -name '*.sh' ! -name '*.py' -print0 |
			LC_ALL=C sort -z | xargs -0 sha256sum
	} | sha256sum
}

# shellcheck disable=SC2317 # called through quietly
uml_make()
{
	nice -n 5 make -C "$tree" ARCH=um O="$out" \
		KCONFIG_ALLCONFIG="$config" -j"$(nproc)" "$@"
}

uml_configure()
{
	local option

	quietly uml_make allnoconfig || die "no configuration for $series"
	while read -r option; do
		grep -qxF "$option" "$out/.config" && continue
		case $series:$option in
		# UML has no preemption count before 6.4
		6.1:CONFIG_DEBUG_ATOMIC_SLEEP=y) ;;
		*) die "$series does not take $option of $config" ;;
		esac
	done < <(grep '^CONFIG_' "$config")
}

uml_kernel()
{
	local series=$1 name=$2 config=$3 now begin=$SECONDS f tree
	local -a folders=("${@:4}")

	tree=$("$src/tests/lib/source.sh" "$series")
	out=$cache/uml/$name
	for f in Kbuild Kconfig; do
		[ -e "$src/$f" ] || die "no $f in $src"
	done
	ln -sfn "$src" "$tree/net/tcptrace"
	mkdir -p "$out"
	# Delete objects of another source package, because make would use them.
	if [ "$(cat "$out/.package" 2>/dev/null)" != "$(cat "$tree/.package")" ]; then
		note "uml $name: building a kernel from nothing"
		rm -rf "$out"
		mkdir -p "$out"
		cp "$tree/.package" "$out/.package"
	fi
	now=$(uml_fingerprint)
	if [ "$(cat "$out/.fingerprint" 2>/dev/null)" != "$now" ]; then
		# File times are not reliable if checkouts share objects.
		[ -e "$out/.own" ] || rm -rf "$out/net/tcptrace"
		rm -f "$out/.fingerprint"
		uml_configure
		quietly uml_make linux || die "the $name kernel does not build"
		echo "$now" >"$out/.fingerprint"
	fi
	note "uml $name: kernel ready after $((SECONDS - begin)) s"
}
