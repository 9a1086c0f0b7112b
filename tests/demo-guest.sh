#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the demonstration inside the VM: make traffic with real programs, and show
# the output of tcptracectl.
set -eu

here=client
router=router
server=server
dir=$(mktemp -d)

title()
{
	printf '\n\033[1m== %s\033[0m\n' "$*"
}

# Run a command in a namespace.
in_ns()
{
	ip netns exec "$@"
}

# Build client -- router -- server with IPv4 and IPv6; the router forwards.
build_network()
{
	local ns

	for ns in $here $router $server; do
		ip netns add "$ns"
		ip -n "$ns" link set lo up
	done
	ip -n $router link add rc type veth peer name eth0 netns $here
	ip -n $router link add rs type veth peer name eth0 netns $server
	address $here eth0 10.1.0.2/24 fd01::2/64
	address $router rc 10.1.0.1/24 fd01::1/64
	address $router rs 10.2.0.1/24 fd02::1/64
	address $server eth0 10.2.0.2/24 fd02::2/64
	ip -n $here route add default via 10.1.0.1
	ip -n $here -6 route add default via fd01::1
	ip -n $server route add default via 10.2.0.1
	ip -n $server -6 route add default via fd02::1
	in_ns $router sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.all.forwarding=1
}

address()
{
	local ns=$1 dev=$2 addr

	ip -n "$ns" link set "$dev" up
	for addr in "${@:3}"; do
		case $addr in
		*:*) ip -n "$ns" addr add "$addr" dev "$dev" nodad ;;
		*) ip -n "$ns" addr add "$addr" dev "$dev" ;;
		esac
	done
}

start_server()
{
	head -c 300000 /dev/urandom >"$dir/file"
	in_ns $server python3 -m http.server -b :: -d "$dir" 80 \
		>/dev/null 2>&1 &
	until in_ns $server ss -Htln 'sport = 80' | grep -q .; do
		sleep 0.1
	done
}

download()
{
	in_ns $here curl -sS -o /dev/null "$@" || true
	sleep 0.5
}

# Half-close a connection: send, shut down the sending side, and read the rest.
half_close()
{
	in_ns "$1" python3 - <<-'PY'
	import socket, threading

	server = socket.create_server(("127.0.0.1", 7777))

	def serve():
	    peer, _ = server.accept()
	    while peer.recv(4096):
	        pass
	    peer.sendall(b"data after the client's FIN")
	    peer.close()

	thread = threading.Thread(target=serve)
	thread.start()
	client = socket.create_connection(("127.0.0.1", 7777))
	client.sendall(b"request")
	client.shutdown(socket.SHUT_WR)
	while client.recv(4096):
	    pass
	thread.join()
	client.close()
	PY
	sleep 0.5
}

# Reset a connection: with SO_LINGER 0, close() sends a RST.
reset()
{
	in_ns "$1" python3 - <<-'PY'
	import socket, struct

	client = socket.create_connection(("10.2.0.2", 80))
	client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
	                  struct.pack("ii", 1, 0))
	client.close()
	PY
	sleep 0.5
}

# Start to print the events of a namespace.
start_watch()
{
	# do not use in_ns: $! must be the pid of tcptracectl, not of a shell
	ip netns exec "$1" tcptracectl watch -v --color=always --time=delta &
	watch=$!
	sleep 1
}

stop_watch()
{
	kill -INT $watch
	wait $watch
}

# Start to record the segments of the client's namespace.
start_record()
{
	ip netns exec $here tcptracectl record "$dir/client.pcapng" &
	record=$!
	sleep 1
}

stop_record()
{
	kill -INT $record
	wait $record
}

# Explain and draw the first connection, and report all connections. The VM
# cannot write files of the host, so demo.sh reads the report from the console.
show_record()
{
	title "tcptracectl explain --conn 1: the first connection of the client"
	tcptracectl explain -r "$dir/client.pcapng" --conn 1 --level=basic \
		--color=always
	title "tcptracectl ladder --conn 1"
	tcptracectl ladder -r "$dir/client.pcapng" --conn 1 --color=always
	title "tcptracectl report, of all connections of the client"
	tcptracectl report -r "$dir/client.pcapng" -o "$dir/report.html"
	gzip -c "$dir/report.html" | base64 | sed 's/^/# report /'
}

watch_client()
{
	title "tcptracectl watch, as the client sees it"
	start_watch $here
	title "an HTTP download of 300 kB: curl and a real server"
	download http://10.2.0.2/file
	title "a connection refused"
	download http://10.2.0.2:81/ 2>/dev/null
	title "a SYN that an nftables rule drops: seen, and never answered"
	in_ns $here nft -f - <<-'NFT'
	table inet demo {
		chain out {
			type filter hook output priority 0;
			tcp dport 82 drop
		}
	}
	NFT
	download --connect-timeout 1 http://10.2.0.2:82/ 2>/dev/null
	sleep 4
	title "a half-close on loopback: data continues after the first FIN"
	half_close $here
	title "a RST from SO_LINGER 0"
	reset $here
	title "IPv6"
	download "http://[fd02::2]/file"
	stop_watch
}

watch_router()
{
	title "tcptracectl watch, as the router sees it"
	start_watch $router
	title "the same download, forwarded"
	download http://10.2.0.2/file
	title "DNAT and masquerade: one connection, both directions"
	in_ns $router nft -f - <<-'NFT'
	table ip demo {
		chain pre {
			type nat hook prerouting priority -100;
			ip daddr 10.1.0.1 tcp dport 8080 dnat to 10.2.0.2:80
		}
		chain post {
			type nat hook postrouting priority 100;
			oifname "rs" masquerade
		}
	}
	NFT
	download http://10.1.0.1:8080/file
	stop_watch
}

insmod "$TCPTRACE_KO"
echo 3 >/sys/module/tcptrace/parameters/timeout_syn_sent
build_network
start_server
start_record
watch_client
stop_record
watch_router
show_record
title "tcptracectl list, in the client's namespace"
in_ns $here tcptracectl list
title "cat /proc/net/tcptrace, in the server's namespace"
in_ns $server cat /proc/net/tcptrace
title "tcptracectl stats, of the router's namespace"
in_ns $router tcptracectl stats
for ns in $here $router $server; do
	ip netns pids "$ns" | xargs -r kill
	ip netns del "$ns"
done
rmmod tcptrace
rm -r "$dir"
