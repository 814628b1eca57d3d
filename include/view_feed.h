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

/* v's list as a feed from its beginning in `language`, for who subscribes:
 * without parameters. */
struct str view_feed_home(const struct view *v, enum route_feed kind, size_t language);

/* In the form that v->route says. */
struct str view_feed(const struct view *v);

#endif
