/* view_metrics.h: numbers for Prometheus, in its text format. */
#ifndef CARTOLINA_VIEW_METRICS_H
#define CARTOLINA_VIEW_METRICS_H

#include "buf.h"
#include "metrics.h"

#define VIEW_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct view_metrics_posts {
	const char *lang;
	size_t count;
};

/* What the index says of the site. */
struct view_metrics_index {
	uint64_t generation;
	int64_t refreshed; /* seconds since the epoch, or 0: it is in memory */
	int64_t now;
	const struct view_metrics_posts *posts; /* a language each */
	size_t language_count;
	size_t errors, warnings; /* of the posts */
};

/* `metrics` is NULL where nobody counts: for one CGI request. */
void view_metrics(const struct metrics *metrics, const struct view_metrics_index *index, struct buf *out);

#endif
