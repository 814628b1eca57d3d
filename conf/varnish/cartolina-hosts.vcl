# cartolina-hosts.vcl: several web servers with Cartolina behind Varnish.  Each is asked
# whether it is well; what one cannot answer another one does, and when none can, readers
# get the last page that there was.
#
#   cp cartolina.vcl       /etc/varnish/
#   cp cartolina-hosts.vcl /etc/varnish/default.vcl
vcl 4.1;

import directors;
import std;

include "/etc/varnish/cartolina.vcl";

# Below a path, say /blog/: .url = "/blog/-/health".
probe cartolina_health {
	.url = "/-/health";
	.interval = 2s;
	.timeout = 1s;
	.window = 4;
	.threshold = 2;
	.initial = 2;
}

# An answer takes milliseconds; from a host that was cut off nothing comes at all.
backend cartolina_1 {
	.host = "10.0.0.11";
	.port = "80";
	.connect_timeout = 500ms;
	.first_byte_timeout = 3s;
	.between_bytes_timeout = 3s;
	.probe = cartolina_health;
}

backend cartolina_2 {
	.host = "10.0.0.12";
	.port = "80";
	.connect_timeout = 500ms;
	.first_byte_timeout = 3s;
	.between_bytes_timeout = 3s;
	.probe = cartolina_health;
}

backend cartolina_3 {
	.host = "10.0.0.13";
	.port = "80";
	.connect_timeout = 500ms;
	.first_byte_timeout = 3s;
	.between_bytes_timeout = 3s;
	.probe = cartolina_health;
}

sub vcl_init {
	new cartolina_hosts = directors.round_robin();
	cartolina_hosts.add_backend(cartolina_1);
	cartolina_hosts.add_backend(cartolina_2);
	cartolina_hosts.add_backend(cartolina_3);
}

sub vcl_recv {
	# Pages are kept for a day past their time for when nobody can make a new one; while
	# somebody can, they are served for as long as Cartolina allows.
	if (std.healthy(cartolina_hosts.backend())) {
		set req.grace = 600s;
	}
}

# At every try: the next host that is well.
sub vcl_backend_fetch {
	set bereq.backend = cartolina_hosts.backend();
}

sub vcl_backend_response {
	if (beresp.status >= 500 && (bereq.method == "GET" || bereq.method == "HEAD")) {
		if (bereq.retries < 2) {
			return (retry);
		}
		# What readers have is better than an error.
		if (bereq.is_bgfetch) {
			return (abandon);
		}
	}
	# Less than its usual 600 is said of pages with posts that are about to appear or to go:
	# those are not shown past that second, come what may.
	if (beresp.status < 500 && beresp.http.Cache-Control ~ "stale-while-revalidate=600\b") {
		set beresp.grace = 24h;
	}
}

sub vcl_backend_error {
	if (bereq.retries < 2 && (bereq.method == "GET" || bereq.method == "HEAD")) {
		return (retry);
	}
	if (bereq.is_bgfetch) {
		return (abandon);
	}
}
