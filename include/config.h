/* config.h: cartolina.yaml, read and checked once; never changed afterwards.
 *
 * Every key has a default, so that a folder with content/ in it is a site; a key
 * without a value keeps it.  Relative paths in the file are relative to the
 * file's folder, and are absolute here, without a slash at the end.  Strings are
 * UTF-8 and NUL-terminated; nothing is NULL unless its comment says so.
 */
#ifndef CARTOLINA_CONFIG_H
#define CARTOLINA_CONFIG_H

#include "arena.h"
#include "buf.h"
#include "log.h"
#include "markdown.h"

#include <stdint.h>

struct config_language {
	const char *tag;             /* BCP 47, as configured: "pt-BR" */
	const char *name;            /* in its own script: "Português (Brasil)"; "": the locale's */
	const char *dir;             /* "ltr" or "rtl"; "": the locale's */
	const char *title;           /* the site's title in it, else the default language's */
	const char *const *fallback; /* tags to try next, NULL-terminated */
};

struct config_permalink {
	const char *section; /* "posts" */
	const char *pattern; /* "/:year/:slug" */
};

/* A cache that is told what an edit touches: http only, it is next door. */
struct config_purge {
	const char *url;        /* as configured, for messages */
	const char *authority;  /* "127.0.0.1:6081", "[::1]" */
	const char *host, *port; /* of it: "::1", "80" */
	const char *path;       /* "/" at least */
};

enum config_urls { URLS_QUERY, URLS_PREFIX };
enum config_view { LIST_EXCERPT, LIST_FULL };
enum config_metrics { METRICS_FOR_LOOPBACK, METRICS_FOR_ANY, METRICS_FOR_NOBODY };

struct config {
	const char *file;     /* the configuration file, or "" when there is none */
	const char *root;     /* the folder that relative paths start from */
	const char *base_url; /* "https://example.org/blog", without a slash at the end */
	const char *feed_id;  /* what ids in feeds begin with, without a slash at the end; "": base_url */
	const char *mount;    /* its path: "/blog", or "" */
	const char *content;  /* folders */
	const char *content_shown; /* the same, relative to the working folder if it is below that */
	const char *theme;    /* "" when there is none: the built-in one */
	const char *index;    /* a file */

	struct config_language *languages; /* the first is the default */
	size_t language_count;             /* at least 1 */
	struct config_permalink *permalinks;
	size_t permalink_count;

	struct config_purge *purges;
	size_t purge_count;

	bool accept_language;
	enum config_urls urls;
	enum config_view list_view;
	struct markdown_options markdown;
	bool typographer;
	unsigned refresh;        /* seconds between looks at the content folder; 0: at every request */
	unsigned max_age;        /* seconds, of Cache-Control */
	unsigned max_post_size;  /* bytes */
	unsigned render_timeout; /* CPU seconds for one post */

	unsigned workers;          /* 0: from the cores */
	unsigned max_requests;     /* a worker is replaced after so many; 0: never */
	unsigned worker_cache;     /* bytes of finished answers that a worker keeps; 0: none */
	unsigned request_timeout;  /* seconds for one FastCGI request, whole */
	unsigned shutdown_timeout; /* seconds from SIGTERM to SIGKILL */

	enum log_target log;
	enum log_format log_format;
	bool access_log;             /* a line for each request */
	enum config_metrics metrics; /* who may read /-/metrics */

	uint64_t fingerprint; /* of every setting that the index depends on */
	int64_t mtime;        /* of the file, seconds since the epoch, UTC; 0 without one */
};

/* Reads `file`, or looks for one: $CARTOLINA_CONFIG, ./cartolina.yaml, then
 * cartolina.yaml beside `script` (may be NULL).  None is no error: the
 * defaults apply to the working directory, or to the script's folder when only
 * that one has content/.
 *
 * -1 when the file cannot be read or is wrong; err then has one line for every
 * mistake, "path:line:column: error: message [config/rule]\n". */
int config_load(struct arena *arena, const char *file, const char *script, struct config *out,
		struct buf *err) __attribute__((warn_unused_result));

/* The position of a tag among the languages (case folded), or -1. */
int config_language_at(const struct config *config, struct str tag);

#endif
