# cartolina-ban.vcl: for cartolina.vcl where there is no package varnish-modules.
#
#   cp cartolina-ban.vcl /etc/varnish/
#   sed -i 's|^import xkey;|include "/etc/varnish/cartolina-ban.vcl";|; /xkey\.[a-z]*purge(/d' /etc/varnish/default.vcl
#
# (Before several hosts it is cartolina.vcl that is changed so.)  A ban is a condition
# that each page is compared with, the next time that it is asked for or when Varnish
# has nothing better to do: somewhat more work than xkey, which knows the pages of a
# tag, and none that a site of some thousand pages would notice.  A ban makes no page
# stale, it takes it out: so after an edit what it touched is away with Cartolina.

# VCL goes through this one first, then through that of cartolina.vcl.
sub vcl_recv {
	if (req.method == "PURGE" && client.ip ~ purgers && req.http.X-Forwarded-For !~ ",") {
		if (req.http.xkey-softpurge) {
			set req.http.xkey-purge = req.http.xkey-softpurge;
		}
		if (req.http.xkey-purge ~ "(^| )\*( |$)") {
			ban("obj.http.Cache-Tag ~ .");
			return (synth(200, "All banned"));
		}
		# "posts/a posts/b.c": (posts/a|posts/b\.c), in a list with commas.  Only
		# of the page: what speaks of requests cannot be done in the background.
		if (req.http.xkey-purge ~ "[^ ]") {
			set req.http.xkey-purge = regsuball(req.http.xkey-purge, "[^A-Za-z0-9%_/ -]", "\\\0");
			set req.http.xkey-purge = regsuball(regsuball(req.http.xkey-purge, "^ +| +$", ""), " +", "|");
			ban("obj.http.Cache-Tag ~ (^|,)(" + req.http.xkey-purge + ")(,|$)");
			return (synth(200, "Banned"));
		}
	}
}
