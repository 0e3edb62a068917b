# SPDX-License-Identifier: GPL-3.0-or-later
#
# For the demos, which source it: a directory of their own that is gone at the end, a web site with
# certificates of a certification authority for a minute, and words. Needs openssl and the plugin
# (CHECK_CERT_RENEWAL).
set -eu

plugin=${CHECK_CERT_RENEWAL:?is the path of the plugin}
plugin=$(cd "$(dirname "$plugin")" && pwd)/${plugin##*/}
day=86400
now=$(date +%s)
server=

dir=$(mktemp -d)
cleanup() {
	stop_others
	stop_server
	rm -rf "$dir"
}
# What else a demo has started: it may define this again.
stop_others() {
	:
}
stop_server() {
	[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || :
	server=
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"

say() {
	printf '\n%s\n' "$*"
}

fail() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

quietly() {
	"$@" >log 2>&1 || {
		cat log >&2
		fail "$* failed"
	}
}

timestamp() { # days from now
	date -u -d "@$((now + $1 * day))" +%Y%m%d%H%M%SZ
}

## A certification authority for a minute, in a directory of its own

make_ca() {
	mkdir -p issued
	: >index
	cat >ca.conf <<-'END'
		[ca]
		default_ca = demo
		[demo]
		dir = .
		database = index
		new_certs_dir = issued
		rand_serial = yes
		default_md = sha256
		policy = any
		unique_subject = no
		[any]
		commonName = supplied
		[req]
		distinguished_name = name
		[name]
		[root]
		basicConstraints = critical, CA:true
		keyUsage = critical, keyCertSign, cRLSign
		subjectKeyIdentifier = hash
		[leaf]
		basicConstraints = CA:false
		extendedKeyUsage = serverAuth
		subjectAltName = DNS:www.example.test
		authorityKeyIdentifier = keyid
	END
	quietly openssl req -x509 -config ca.conf -extensions root -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		-nodes -keyout ca.key -out ca.pem -days 3650 -subj "/CN=Demo CA"
	quietly openssl req -config ca.conf -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		-nodes -keyout leaf.key -out leaf.csr -subj "/CN=www.example.test"
}

issue() { # file, first day, last day (from now)
	quietly openssl ca -batch -config ca.conf -extensions leaf -cert ca.pem -keyfile ca.key \
		-startdate "$(timestamp "$2")" -enddate "$(timestamp "$3")" -in leaf.csr -out "$1" -notext
}

# Serves on a free port: the kernel chooses one for port 0, s_server says which; the next server
# takes the same. Waits for it at most 5 seconds.
port=0
serve() { # certificate
	stop_server
	rm -f server.log
	openssl s_server -accept 127.0.0.1:$port -cert "$1" -key leaf.key -www >server.log 2>&1 &
	server=$!
	for tenth in $(seq 50); do
		if grep -qs '^ACCEPT' server.log; then
			[ $port != 0 ] || port=$(sed -n 's/^ACCEPT .*://p' server.log)
			return 0
		fi
		kill -0 "$server" 2>/dev/null || break
		sleep 0.1
	done
	cat server.log >&2
	fail "openssl s_server does not listen"
}
