/* request.h: the CGI variables of one request (RFC 3875) as an immutable value.
 *
 * Nothing here fails: what is wrong with a request is noted in `problem`, and
 * respond() answers it.  Slices borrow from the arena.
 */
#ifndef CARTOLINA_REQUEST_H
#define CARTOLINA_REQUEST_H

#include "arena.h"
#include "config.h"

#include <stdint.h>

enum request_problem {
	REQUEST_FINE,
	REQUEST_INCOMPLETE,   /* no REQUEST_METHOD: cut off, or no web server */
	REQUEST_BAD_PATH,     /* not UTF-8, a control character, or above the root */
	REQUEST_BAD_QUERY,    /* malformed percent-encoding, NUL, not UTF-8 */
	REQUEST_QUERY_LONG,   /* over REQUEST_QUERY_LIMIT */
	REQUEST_BAD_VALUE,    /* a known parameter with an unknown, repeated or malformed value */
	REQUEST_BAD_CARD,     /* a card in a format that there is not: oEmbed has a status for it */
};

#define REQUEST_QUERY_LIMIT 8192
#define REQUEST_PATH_LIMIT 2048
enum { REQUEST_MAX_IDS = 50 };

enum request_view { VIEW_ABSENT, VIEW_FULL, VIEW_EXCERPT, VIEW_REST };
enum request_format { FORMAT_HTML, FORMAT_FRAGMENT, FORMAT_JSON, FORMAT_TEXT, FORMAT_MD, FORMAT_XML };
/* As a query names them, and NULL. */
extern const char *const request_formats[];

struct request {
	enum request_problem problem;
	struct str problem_detail; /* for the reader: which parameter; never an echo of its value */

	struct str method;   /* as sent */
	bool head;           /* HEAD */
	bool readable;       /* GET or HEAD, or an include: its method is the page's */
	struct str path;     /* below the mount, decoded once, normalised: "/posts/x" */
	int path_language;   /* urls: prefix and the path began with /it: its position, else -1 */
	struct str query;    /* as sent */

	struct str lang;     /* the lang parameter, normalised ("it-ch"), or empty */
	enum request_view view;
	enum request_format format;
	bool no_fallback;    /* fallback=no */
	bool base_absolute;  /* base=absolute */
	long page;           /* 1 when absent */
	long limit;          /* 0 when absent */
	struct str search;   /* q: what to look for, trimmed and cut to 256 bytes, or empty */
	struct str tag;      /* as a reader writes it, likewise */
	struct str fields;   /* names with commas between them, or empty */
	const struct str *ids; /* id, in the order of the query */
	size_t id_count;
	struct str url;      /* of oEmbed */
	long max_width, max_height; /* 0 when absent */

	struct str accept_language; /* header fields, empty when absent */
	struct str if_match, if_none_match, if_modified_since, if_unmodified_since;

	bool included;       /* a server-side include's subrequest */
	bool local;          /* for /-/metrics: from this machine (REMOTE_ADDR), and not for somebody else */
	int64_t now;         /* seconds since the epoch, UTC */
};

/* One CGI variable, or NULL.  The value is copied. */
typedef const char *request_variable(void *context, const char *name);

void request_read(struct arena *arena, const struct config *config, request_variable *variable,
		  void *context, int64_t now, struct request *out);

#endif
