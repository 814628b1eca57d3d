/* route.h: what an address stands for, by its form alone. */
#ifndef CARTOLINA_ROUTE_H
#define CARTOLINA_ROUTE_H

#include "arena.h"
#include "index.h"

enum route_kind {
	ROUTE_NONE,    /* a post's, if anything's */
	ROUTE_LIST,    /* /  /posts/  /tags/x/  /2020/04/ */
	ROUTE_TERMS,   /* /tags/: which there are */
	ROUTE_ARCHIVE, /* /archive/: which months have posts */
	ROUTE_BATCH,   /* /-/excerpts */
	ROUTE_OEMBED,  /* /-/oembed */
	ROUTE_HEALTH,  /* /-/health */
	ROUTE_METRICS, /* /-/metrics */
	ROUTE_SITEMAP, /* /sitemap.xml, /sitemap-2.xml */
	ROUTE_ROBOTS,  /* /robots.txt */
};

enum route_feed { FEED_NONE, FEED_ATOM, FEED_RSS, FEED_JSON };

struct route {
	enum route_kind kind;
	enum route_feed feed;    /* of a list: /posts/feed.atom */
	struct str path;         /* of the list itself, canonical: /posts/ */
	enum index_scope scope;
	struct str name;         /* of the section, or a term's key */
	int year, month;         /* 0 for none */
	size_t part;             /* of the sitemap, from 1; 0 for the whole */
};

/* `path` is decoded and normalised (request.h). */
void route_find(struct arena *arena, struct str path, struct route *out);

/* The address of a feed of a list, and of a term: "/tags/x/". */
struct str route_feed_path(struct arena *arena, struct str list, enum route_feed feed);
struct str route_term_path(struct arena *arena, enum index_scope scope, struct str key);

#endif
