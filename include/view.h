/* view.h: what every view is given: one request's answer, as facts.
 *
 * respond() fills this from the index; views turn it into bytes and know
 * nothing of HTTP.  Everything lives in the arena, which is also value.h's pool.
 */
#ifndef CARTOLINA_VIEW_H
#define CARTOLINA_VIEW_H

#include "arena.h"
#include "config.h"
#include "index.h"
#include "negotiate.h"
#include "request.h"
#include "route.h"
#include "theme.h"
#include "value.h"

struct view_item {
	const struct post_head *head;
	struct post_body body;
	size_t language;
	enum request_view view; /* never VIEW_ABSENT */
	struct str snippet;     /* of a search, as index_search() gives it, or "" */
};

/* One of those that a batch asks for. */
struct view_wanted {
	struct str id;
	int status; /* 200 or 404 */
	bool fallback;
	struct view_item item;
	struct index_heads available; /* of a 404: what there is */
};

struct view_section {
	struct str path, title;
	size_t count;
};

struct view {
	struct arena *arena;
	const struct config *config;
	const struct theme *theme;
	const struct request *request;
	const struct negotiation *choice;
	size_t language; /* of the answer */

	/* A post: the translations that exist in public, and the one served. */
	struct index_heads translations;
	struct view_item post;

	/* What stands around it. */
	struct index_heads older, newer, related;
	struct index_page series; /* its parts, the oldest first */

	/* A list: */
	const struct route *route;
	struct str path;                 /* canonical, below the mount */
	const struct post_head *section; /* its _index, or NULL */
	struct str label;                /* of its tag, category, …, as authors write it */
	struct view_item *items;
	size_t item_count;
	size_t total; /* of all pages */
	long page, pages;
	struct view_wanted *wanted; /* of a batch */
	size_t wanted_count;
	const bool *listed; /* in which languages there is such a list */
	struct view_section *sections; /* below it */
	size_t section_count;
	struct index_terms terms;   /* of /tags/ */
	struct index_months months; /* of a year, or all */

	/* An error: */
	int status;
	struct str detail; /* plain text, or "" */
};

/* The position of a head's language in the configuration. */
size_t view_language(const struct view *v, const struct post_head *head);
/* The article, the excerpt or the rest, by the prefix law. */
struct str view_html_of(const struct view *v, const struct view_item *item);
struct str view_canonical(const struct view *v, const struct post_head *head);
/* The page's own canonical address (post or list). */
struct str view_page_url(const struct view *v);
/* A page of the list as it was asked for: what is looked for, how much of it, in which format. */
struct str view_list_url(const struct view *v, long page);
/* The same as a page for readers, from the root of the server. */
struct str view_list_local(const struct view *v, long page);
/* "Posts tagged “x”", in the language of the answer; the site's title at home. */
struct str view_list_title(const struct view *v);
/* Of a section without an _index: its folder's name, made readable. */
struct str view_section_title(const struct view *v, struct str section);
/* For explain: "of a tag". */
const char *view_list_kind(const struct route *route);
/* "full" */
const char *view_word(enum request_view view);
/* The key of the series that a post is a part of, or "". */
struct str view_series_key(const struct view *v, const struct post_head *head);
/* The picture that stands for a post, absolute, or "". */
struct str view_image(const struct view *v, const struct post_head *head);
/* The "title" or "message" of v->status. */
struct str view_error_text(const struct view *v, const char *what);
/* [{hreflang, href}] of the answer, x-default last. */
struct value *view_alternates(const struct view *v);
struct str view_iso(const struct view *v, int64_t seconds);
/* When a post last became what it is: the newer of lastmod and date, else
 * TIME_ABSENT.  Never the file's time, which each host and each checkout has another of, so
 * that the same content is the same bytes; nor that of the request. */
int64_t view_updated(const struct post_head *head);
/* The site's title in a language. */
const char *view_site_title(const struct view *v, size_t language);
const char *view_language_name(const struct view *v, size_t language);
const char *view_language_dir(const struct view *v, size_t language);

#endif
