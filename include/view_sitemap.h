/* view_sitemap.h: /sitemap.xml, /sitemap-1.xml …, and /robots.txt. */
#ifndef CARTOLINA_VIEW_SITEMAP_H
#define CARTOLINA_VIEW_SITEMAP_H

#include "view.h"

/* A post's public translations; or a list, which is in every language. */
struct view_sitemap_entry {
	struct index_heads translations; /* of a post; none: a list */
	struct str path;                 /* of a list */
	struct index_heads texts;        /* of a list: its public _index, in whichever languages */
	int64_t updated;                 /* of a list, or TIME_ABSENT */
};

/* Where the entries come from, one after the other, in an order that stays the
 * same while the index does.  To be the first member of what the source needs. */
struct view_sitemap_source {
	/* False after the last.  What the one before pointed at may be gone. */
	bool (*next)(struct view_sitemap_source *source, struct view_sitemap_entry *entry);
};

enum {
	VIEW_SITEMAP_ADDRESSES = 50000,  /* in one file, by the protocol */
	VIEW_SITEMAP_BYTES = 8 << 20     /* the protocol allows 50 MB, a worker's memory less */
};

/* File 1 and so on; 0 is /sitemap.xml: the list of the others, or, where one is
 * enough, that one itself.  p == NULL: there is no such file. */
struct str view_sitemap(const struct view *v, struct view_sitemap_source *source, size_t file);

/* Its `robots` says noindex (or none): it is not to be in a sitemap. */
bool view_sitemap_hides(const struct post_head *head);

struct str view_sitemap_robots(const struct view *v);

#endif
