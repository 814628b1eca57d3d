/* site.h: everything that respond() needs, opened once: the configuration, the
 * theme and the index.
 *
 * A site belongs to one process: after fork, the child opens its own.
 */
#ifndef CARTOLINA_SITE_H
#define CARTOLINA_SITE_H

#include "config.h"
#include "buf.h"

struct site;
struct index;
struct theme;

enum site_refresh {
	SITE_REFRESH_SELF,  /* CGI, command line: sweep the content folder when it is due */
	SITE_REFRESH_OTHER, /* FastCGI worker: the indexer process does that */
};

/* Opens the site, bringing the index up to date first if it is due or
 * unusable.  `config` must outlive the site.  Problems of single posts are
 * logged, they are not failures.  -1 with a message in err. */
int site_open(struct site **out, const struct config *config, enum site_refresh refresh,
	      struct buf *err) __attribute__((warn_unused_result));
void site_free(struct site *site);

/* To be called before a request: follows an index or theme that was replaced,
 * and sweeps if this process is the one that does.  Never fails: what worked
 * before goes on working, and what went wrong is logged once. */
void site_catch_up(struct site *site);

/* Changes with everything that answers are made from, but for the time.  After
 * site_catch_up(); as a rule it costs nothing but the stat done there.  False
 * when the index cannot be read just now. */
struct site_version {
	uint64_t index; /* its generation */
	uint64_t theme; /* how many there were */
};
bool site_version(struct site *site, struct site_version *version);

const struct config *site_config(const struct site *site);
struct index *site_index(struct site *site);
const struct theme *site_theme(const struct site *site);
/* When the index file was last found or made current, seconds since the epoch;
 * 0 for one in memory. */
int64_t site_refreshed(const struct site *site);

/* What this process and its kin count, for /-/metrics; NULL, as at first, where
 * nobody does.  Must outlive the site. */
struct metrics;
void site_set_metrics(struct site *site, const struct metrics *metrics);
const struct metrics *site_metrics(const struct site *site);

/* The index turned out to be damaged while it was read: rebuild and reopen it.
 * False when that failed too. */
bool site_mend(struct site *site);

#endif
