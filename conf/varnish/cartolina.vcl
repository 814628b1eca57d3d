# cartolina.vcl: Varnish in front of the web server that runs Cartolina: its
# pages are kept for as long as they say, an edit takes out those that it
# touches, and pages of your own may include excerpts (ESI).
#
#   apt-get install varnish varnish-modules     (or see cartolina-ban.vcl)
#   cp cartolina.vcl /etc/varnish/default.vcl
#   mkdir -p /srv/cartolina/landing
#   cp ../examples/landing-esi.html /srv/cartolina/landing/esi.html
#
# and in cartolina.yaml:
#   purge: http://127.0.0.1:6081/
#
# (under systemd with the two lines that ../systemd/cartolina.service tells).
#
# For a site at the root write "^/" for "^/blog/", and leave /landing/ out of it.
vcl 4.1;

import std;
import xkey;

backend default {
	.host = "127.0.0.1";
	.port = "8080";
	.probe = {
		.url = "/blog/-/health";
		.interval = 2s;
		.timeout = 1s;
		.window = 3;
		.threshold = 2;
		.initial = 2;
	}
}

# Who may say what is to be forgotten: the hosts that run Cartolina.
acl purgers {
	"127.0.0.1";
	"::1";
}

sub vcl_recv {
	# Ours alone, whatever a reader sends.
	if (req.restarts == 0) {
		unset req.http.X-Cartolina-Fresh;
		unset req.http.X-Cartolina-Stale;
	}
	# Varnish has written its own client behind what was there: a comma is
	# somebody further away, who came through a proxy on this host.
	if (req.method == "PURGE") {
		if (client.ip !~ purgers || req.http.X-Forwarded-For ~ ",") {
			return (synth(403));
		}
		if (req.http.xkey-purge) {
			return (synth(200, xkey.purge(req.http.xkey-purge) + " purged"));
		}
		if (req.http.xkey-softpurge) {
			return (synth(200, xkey.softpurge(req.http.xkey-softpurge) + " made stale"));
		}
		return (synth(400));
	}
	# Cartolina has no use for cookies, and other people's (statistics) would
	# keep its pages out of the cache.
	if (req.url ~ "^/(blog|landing)/") {
		unset req.http.Cookie;
	}
	if (req.url ~ "^/blog/") {
		call cartolina_query;
	}
	# Figures are of the moment, and only for some.
	if (req.url ~ "^/blog/-/(health|metrics)") {
		return (pass);
	}
	if (req.http.X-Cartolina-Fresh) {
		unset req.http.X-Cartolina-Fresh;
		set req.grace = 0s;
	}
}

# The parameters that Cartolina knows, in one order; the others, utm_source and
# the like, would only make many copies of one page.  A name with "%" or "+" in it
# may be any.  With an id=, or a name that stands there twice, the order says something.
sub cartolina_query {
	if (req.url !~ "\?") {
		return;
	}
	set req.url = regsuball(req.url,
		"(?<=[?&])(?!(?:lang|view|format|fallback|base|page|limit|q|tag|fields|id|url|maxwidth|maxheight)(?:[=&]|$))[^=&%+]*(?:=[^&]*)?(?:&|$)",
		"");
	set req.url = regsub(req.url, "[?&]+$", "");
	if (req.url ~ "[?&]lang=[A-Za-z0-9_-]+(&|$)") {
		set req.url = regsub(req.url, "([?&]lang=)[A-Za-z0-9_-]+(?=&|$)", "\1" +
			std.tolower(regsub(req.url, "^.*?[?&]lang=([A-Za-z0-9_-]+)(?:&.*)?$", "\1")));
	}
	if (req.url !~ "[?&](id|[^=&]*[%+][^=&]*)(=|&|$)" && req.url !~ "[?&]([^=&]+)(?:=[^&]*)?&(?:.*&)?\1(=|&|$)") {
		set req.url = std.querysort(req.url);
	}
}

sub vcl_hit {
	if (obj.ttl < 0s) {
		# An answer says how long it may be shown while it is asked for
		# again.  When there is nobody to ask, an old one is better than none.
		if (obj.http.X-Cartolina-Grace && std.healthy(req.backend_hint) &&
		    obj.ttl + std.duration(obj.http.X-Cartolina-Grace, 0s) < 0s) {
			set req.http.X-Cartolina-Fresh = "1";
			return (restart);
		}
		set req.http.X-Cartolina-Stale = "1";
	}
}

sub vcl_backend_fetch {
	unset bereq.http.X-Cartolina-Fresh;
	unset bereq.http.X-Cartolina-Stale;
}

sub vcl_backend_response {
	if (bereq.url ~ "^/blog/") {
		# An error must not take the place of an answer, nor stay.
		if (beresp.status >= 500 && bereq.is_bgfetch) {
			return (abandon);
		}
		if (beresp.status != 200) {
			set beresp.ttl = 1s;
			set beresp.grace = 0s;
		}
	}
	if (beresp.http.Cache-Tag) {
		# Readers get what came whole: of an answer that breaks off early
		# Varnish would make an empty page, and say that it is one.
		set beresp.do_stream = false;
		# "*" stands for all.
		set beresp.http.xkey = regsuball(beresp.http.Cache-Tag, ",", " ") + " *";
		# Less than its usual 600 is said of pages with posts that are about
		# to appear or to go: those are not shown past that second, come what
		# may.
		if (beresp.http.Cache-Control ~ "stale-while-revalidate=600\b") {
			set beresp.http.X-Cartolina-Grace = "" + beresp.grace + "s";
			set beresp.grace = 1d;
		} elsif (beresp.http.Cache-Control !~ "stale-while-revalidate=") {
			set beresp.grace = 0s;
		}
	}
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
	unset resp.http.xkey;
	unset resp.http.X-Cartolina-Grace;
	# For whoever wants to know.
	if (req.http.X-Cartolina-Stale) {
		set resp.http.X-Cache = "STALE";
	} elsif (obj.hits > 0) {
		set resp.http.X-Cache = "HIT";
	} else {
		set resp.http.X-Cache = "MISS";
	}
}

sub vcl_synth {
	if (req.esi_level > 0) {
		set resp.body = "<p>This text is not available at the moment.</p>";
		return (deliver);
	}
}
