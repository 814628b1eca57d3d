/* answer.h: one request on its way to its response; for respond.c and the
 * answer_*.c, which do the parts of it.
 */
#ifndef CARTOLINA_ANSWER_H
#define CARTOLINA_ANSWER_H

#include "negotiate.h"
#include "response.h"
#include "route.h"
#include "site.h"
#include "view.h"

enum step {
	STEP_ANSWERED,
	STEP_NOT_FOUND,
	STEP_DAMAGED, /* the index failed */
};

struct answer {
	struct site *site;
	const struct config *config;
	const struct request *request;
	struct arena *arena;
	struct response *response;
	struct index *index;
	struct route route;
	struct negotiation choice;
	struct view view;
	struct buf *trace; /* for explain, or NULL */
	int64_t last_modified;
	int64_t next_change; /* when a post on the page appears or expires */
};

/* One line of an explanation: what was decided, and why. */
void answer_trace(struct answer *a, const char *what, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* A post's file, for that; "" when nobody is told. */
const char *answer_shown_path(struct answer *a, const struct post_head *head);

/* --- times --- */

/* No draft, begun and not expired. */
bool answer_is_public(const struct post_head *head, int64_t now);
/* The moments at which a post changes what is public by itself. */
void answer_note_times(struct answer *a, const struct post_head *head);
/* The same of a page of a list, as the index has summed it up. */
void answer_note_page(struct answer *a, const struct index_page *page);
/* Notes all, and takes out those that are not public; in the order of the site's
 * languages, and of files. */
void answer_keep_public(struct answer *a, struct index_heads *heads);

/* --- languages --- */

/* The languages that an error page can be in: all. */
void answer_choose_for_error(struct answer *a);
void answer_trace_language(struct answer *a);
/* The post in that language, or NULL. */
const struct post_head *answer_head_in(struct answer *a, const struct index_heads *heads, int language);

/* --- the response --- */

void answer_field(struct answer *a, const char *name, struct str value);
void answer_field_z(struct answer *a, const char *name, const char *value);
struct answer_document {
	struct str body;
	const char *type;  /* Content-Type */
	bool has_language; /* the view's */
	bool is_linked;    /* has an address of its own, and others in other languages */
	bool is_page;      /* for a browser's window */
	bool is_copy;      /* of what search engines find elsewhere */
	bool is_shared;    /* with scripts of other origins */
};
/* The whole response, with its validators, and what the preconditions make of it. */
void answer_document(struct answer *a, const struct answer_document *document);
/* The view's page, in the format that was asked for. */
void answer_page(struct answer *a, bool list);
/* Drops the fields that were there; an HTML page or a problem document, as the
 * request asks, with `detail` in it. */
void answer_error(struct answer *a, int status, struct str detail);
/* 301 to a path, in the language of the view, with what else was asked for. */
void answer_redirect_to_translation(struct answer *a, struct str path);
/* 301: the same request at another path. */
void answer_redirect_to(struct answer *a, struct str path);

/* Fills an item of a list with a post's text.  -1 when the index failed. */
int answer_load_item(struct answer *a, const struct post_head *head, enum request_view view,
		     struct view_item *item);
/* How a post shows in a list, a feed or a batch when the request does not say. */
enum request_view answer_list_view(struct answer *a, const struct post_head *head);

/* --- answer_post.c --- */

/* `path` is where the translations were found; it is the request's own but for
 * a slash at the end, in an include. */
enum step answer_group(struct answer *a, struct str group, struct str path);

/* Only fills the view with the article, for what is made of it otherwise. */
enum step answer_article(struct answer *a, struct str group, struct str path);

/* --- answer_list.c --- */

/* The list of a->route; `section`: its _index, or NULL. */
enum step answer_list(struct answer *a, const struct post_head *section);
/* There is such a list, now: 1 or 0, or -1. */
int answer_has_list(struct answer *a, const struct route *route);

/* --- answer_site.c: what is about the site as a whole --- */

enum step answer_health(struct answer *a);
enum step answer_metrics(struct answer *a);
enum step answer_sitemap(struct answer *a);
enum step answer_robots(struct answer *a);
enum step answer_batch(struct answer *a);
enum step answer_oembed(struct answer *a);

#endif
