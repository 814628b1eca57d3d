/* links.h: the addresses that pages, headers and feeds give. */
#ifndef CARTOLINA_LINKS_H
#define CARTOLINA_LINKS_H

#include "arena.h"
#include "buf.h"
#include "config.h"

/* Percent-encoded, from the root of the server: "/blog/posts/x?lang=it", or with
 * `urls: prefix` "/blog/it/posts/x".  The default language has the bare path.  path is decoded, below the mount. */
struct str links_local(struct arena *arena, const struct config *config, struct str path, size_t language);
/* The same with base_url before it: canonical.  Without a base_url in the
 * configuration it is links_local. */
struct str links_canonical(struct arena *arena, const struct config *config, struct str path, size_t language);

/* links_canonical() appended to a buffer: for long rows of them. */
void links_add(struct buf *out, const struct config *config, struct str path, size_t language);
/* The site's addresses are absolute: base_url has a host. */
bool links_are_absolute(const struct config *config);

/* url with one more parameter. */
struct str links_with(struct arena *arena, struct str url, const char *name, const char *value);

/* A reference as an author wrote it (in front matter), made absolute against
 * the page it stands on. */
struct str links_absolute(struct arena *arena, const struct config *config, struct str page, struct str reference);

/* A query string as the reader sent it, made safe for a Location header:
 * without the parameter `drop` (NULL: none), "?" first, or "" when empty. */
struct str links_query(struct arena *arena, struct str query, const char *drop);

#endif
