/* view_feed.h: a list as a feed: Atom (RFC 4287), RSS 2.0, JSON Feed 1.1.
 *
 * For lists only.  A feed has the address of its list and a name behind it:
 * /posts/ has /posts/feed.atom, in each language.
 */
#ifndef CARTOLINA_VIEW_FEED_H
#define CARTOLINA_VIEW_FEED_H

#include "view.h"

/* For Content-Type. */
const char *view_feed_type(enum route_feed kind);

/* The address of v as the feed that v->route says, with the page and what else
 * the reader asked of the list. */
struct str view_feed_url(const struct view *v);
/* v's list as a feed from its beginning in `language`, for who subscribes:
 * without parameters. */
struct str view_feed_home(const struct view *v, enum route_feed kind, size_t language);

/* Each for a v whose route says so. */
struct str view_feed_atom(const struct view *v);
struct str view_feed_rss(const struct view *v);
struct str view_feed_json(const struct view *v);
struct str view_feed(const struct view *v);

#endif
