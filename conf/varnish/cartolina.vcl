# cartolina.vcl: Varnish in front of the web server that runs Cartolina: its
# pages are kept for as long as they say, and pages of your own may include
# excerpts (ESI).
#
#   cp cartolina.vcl /etc/varnish/default.vcl
#   mkdir -p /srv/cartolina/landing
#   cp ../examples/landing-esi.html /srv/cartolina/landing/esi.html
vcl 4.1;

backend default {
	.host = "127.0.0.1";
	.port = "8080";
}

sub vcl_recv {
	# Cartolina has no use for cookies, and other people's (statistics) would
	# keep its pages out of the cache.
	if (req.url ~ "^/(blog|landing)/") {
		unset req.http.Cookie;
	}
}

sub vcl_backend_response {
	if (bereq.url ~ "^/landing/" && beresp.http.Content-Type ~ "^text/html") {
		set beresp.do_esi = true;
		# Whether the server has or not: what is included adds to the page.
		set beresp.do_gzip = true;
		# They are the page's without what it includes: a 304 by them would
		# let readers keep excerpts that have changed since.
		unset beresp.http.ETag;
		unset beresp.http.Last-Modified;
	}
}

# Neither a redirect nor an error page has a place inside another page: the one
# is followed, instead of the other there is a sentence.
sub vcl_deliver {
	if (req.esi_level > 0 && resp.status == 301 &&
	    resp.http.Location ~ "^(https?://[^/]+)?/blog/") {
		set req.url = regsub(resp.http.Location, "^https?://[^/]+", "");
		return (restart);
	}
	if (req.esi_level > 0 && resp.status != 200) {
		return (synth(resp.status));
	}
}

sub vcl_synth {
	if (req.esi_level > 0) {
		set resp.body = "<p>This text is not available at the moment.</p>";
		return (deliver);
	}
}
