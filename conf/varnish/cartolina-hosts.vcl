# cartolina-hosts.vcl: several web servers with Cartolina behind Varnish.  Each is asked
# whether it is well; what one cannot answer another one does, and when none can, readers
# get the last page that there was.
#
#   cp cartolina.vcl       /etc/varnish/
#   cp cartolina-hosts.vcl /etc/varnish/default.vcl
#
# In cartolina.vcl take out "backend default", and add the hosts to "purgers": each has
# purge: http://10.0.0.1:6081/ in its cartolina.yaml.
vcl 4.1;

import directors;

# For a site at the root: "/-/health".
probe cartolina_health {
	.url = "/blog/-/health";
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

# An address is always asked of the same host while that one is well, so that readers
# of a page do not go to and fro between hosts of which one is behind.
sub vcl_init {
	new cartolina_hosts = directors.shard();
	cartolina_hosts.add_backend(cartolina_1);
	cartolina_hosts.add_backend(cartolina_2);
	cartolina_hosts.add_backend(cartolina_3);
	cartolina_hosts.reconfigure();
}

sub vcl_recv {
	set req.backend_hint = cartolina_hosts.backend(resolve=LAZY);
}

# At every try another host, the next of those that are well.
sub vcl_backend_fetch {
	set bereq.backend = cartolina_hosts.backend(alt=bereq.retries, healthy=ALL);
}

sub vcl_backend_response {
	if (beresp.status >= 500 && bereq.retries < 2 &&
	    (bereq.method == "GET" || bereq.method == "HEAD")) {
		return (retry);
	}
}

sub vcl_backend_error {
	if (bereq.retries < 2 && (bereq.method == "GET" || bereq.method == "HEAD")) {
		return (retry);
	}
}

# Behind these, so that what they decide comes first.
include "/etc/varnish/cartolina.vcl";
