/* view_oembed.h: a post as a card for other sites: oEmbed 1.0.
 *
 *     /-/oembed?url=https%3A%2F%2Fexample.org%2Fposts%2Fx&maxwidth=400
 */
#ifndef CARTOLINA_VIEW_OEMBED_H
#define CARTOLINA_VIEW_OEMBED_H

#include "view.h"

/* How it is asked for. */
struct view_oembed {
	bool xml;
	long max_width, max_height; /* CSS pixels, 0: as it likes */
};

/* The request that a reader who follows `url` would make, as far as it says
 * which post in which language: to be routed as any other.  Marked as included,
 * so that it leads to the post and not to a redirect.  -1: not an address of
 * this site. */
int view_oembed_target(struct arena *arena, const struct config *config, const struct request *asking,
		       struct str url, struct request *target);

/* v->post as the answer. */
struct str view_oembed(const struct view *v, const struct view_oembed *asked);
const char *view_oembed_type(const struct view_oembed *asked);

/* Where the card of v->post is, for <link rel="alternate">; "" when the site
 * has no absolute address. */
struct str view_oembed_url(const struct view *v);

#endif
