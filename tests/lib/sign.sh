#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Sign the module for Secure Boot: sign.sh FOLDER MODULE... signs the modules
# with the key in FOLDER, and makes the key if it does not exist.
# Documentation/secure-boot.rst says how to enroll the key.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Make a key that only the current user can read, and a certificate that permits
# only code signing.
make_key()
{
	local key=$1/tcptrace.key cert=$1/tcptrace.der

	[ ! -e "$key" ] || return 0
	command -v openssl >/dev/null || die "no openssl: apt-get install openssl"
	mkdir -p "$1"
	(umask 077 && quietly openssl req -new -x509 -newkey rsa:2048 -nodes \
		-sha256 -days 3650 -subj "/CN=tcptrace modules of $(uname -n)/" \
		-addext basicConstraints=critical,CA:FALSE \
		-addext keyUsage=digitalSignature \
		-addext extendedKeyUsage=codeSigning \
		-outform DER -keyout "$key" -out "$cert") ||
		die "openssl makes no key in $1"
	note "new key: mokutil --import $cert, then reboot and enroll it"
}

# Print the path of sign-file in the headers that the module was built with. If
# there is none, print the path of kmodsign, which is in Ubuntu's sbsigntool,
# but not in Debian's.
signer_of()
{
	local release signer

	release=$(modinfo -F vermagic "$1" | cut -d ' ' -f 1)
	signer=/lib/modules/$release/build/scripts/sign-file
	if [ ! -x "$signer" ]; then
		signer=$(command -v kmodsign) ||
			die "no $signer: apt-get install linux-headers-$release"
	fi
	echo "$signer"
}

case $#:${1:-} in
[01]:* | *:-*)
	echo "usage: sign.sh FOLDER MODULE..." >&2
	exit 2
	;;
esac
folder=$1
shift
make_key "$folder"
for module; do
	signer=$(signer_of "$module")
	"$signer" sha512 "$folder/tcptrace.key" "$folder/tcptrace.der" \
		"$module" || die "cannot sign $module"
	note "$module: signed by $(modinfo -F signer "$module")"
done
