/* view_metrics.c: counters and facts -> Prometheus's text format 0.0.4.
 *
 * Label values are ours or language tags, so none needs escaping.  Every series is
 * there from the start, at 0: a rate over one that appears misses its first step.
 * Source: prometheus.io/docs/instrumenting/exposition_formats.
 */
#include "view_metrics.h"

#include "request.h"

#include <inttypes.h>
#include <stdio.h>

static uint64_t get(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP cartolina_%s %s\n# TYPE cartolina_%s %s\n", name, help, name, type);
}

static void number(struct buf *out, const char *name, uint64_t value)
{
	buf_printf(out, "cartolina_%s %" PRIu64 "\n", name, value);
}

static void labelled(struct buf *out, const char *name, const char *label, const char *is, uint64_t value)
{
	buf_printf(out, "cartolina_%s{%s=\"%s\"} %" PRIu64 "\n", name, label, is, value);
}

static void seconds(struct buf *out, const char *name, uint64_t microseconds)
{
	buf_printf(out, "cartolina_%s %" PRIu64 ".%06u\n", name, microseconds / 1000000,
		   (unsigned)(microseconds % 1000000));
}

static void counter(struct buf *out, const char *name, const char *help, const _Atomic uint64_t *value)
{
	head(out, name, "counter", help);
	number(out, name, get(value));
}

static void counters(struct buf *out, const char *name, const char *label, const char *const *values,
		     const _Atomic uint64_t *counts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		labelled(out, name, label, values[i], get(&counts[i]));
}

/* --- requests ---------------------------------------------------------------------------------- */

static void requests(const struct metrics *m, struct buf *out)
{
	head(out, "requests_total", "counter", "Requests answered, by class of status and by format.");
	for (int c = 0; c < METRICS_CLASSES; c++)
		for (int f = 0; f < METRICS_FORMATS; f++)
			buf_printf(out, "cartolina_requests_total{class=\"%dxx\",format=\"%s\"} %" PRIu64 "\n", c + 2,
				   f == METRICS_FEED ? "feed" : request_formats[f], get(&m->requests[c][f]));
	counter(out, "requests_dropped_total", "Requests cut off by their peer or at their deadline.", &m->dropped);
	counter(out, "response_bytes_total", "Bytes of bodies sent.", &m->bytes);
	head(out, "cache_requests_total", "counter", "Requests by what the worker's cache of answers had for them.");
	counters(out, "cache_requests_total", "verdict", metrics_verdicts, m->cache, METRICS_CACHE_VERDICTS);
}

/* The last bucket and the count are the same sum, so that they never differ. */
static void durations(const struct metrics *m, struct buf *out)
{
	uint64_t sum = 0;

	head(out, "request_duration_seconds", "histogram",
	     "Time from a whole request to the last byte of its answer.");
	for (int i = 0; i < METRICS_BUCKETS; i++) {
		sum += get(&m->durations[i]);
		buf_printf(out, "cartolina_request_duration_seconds_bucket{le=\"%g\"} %" PRIu64 "\n",
			   metrics_bounds[i] / 1e6, sum);
	}
	sum += get(&m->durations[METRICS_BUCKETS]);
	labelled(out, "request_duration_seconds_bucket", "le", "+Inf", sum);
	seconds(out, "request_duration_seconds_sum", get(&m->microseconds));
	number(out, "request_duration_seconds_count", sum);
}

/* --- processes ----------------------------------------------------------------------------------- */

static void workers(const struct metrics *m, struct buf *out)
{
	static const char *const states[METRICS_STATES] = {"starting", "idle", "busy", "leaving"};
	static const char *const causes[METRICS_DEATHS] = {"signal", "status", "stuck", "killed"};
	unsigned counts[METRICS_STATES];

	metrics_count_states(m, counts);
	head(out, "workers", "gauge", "Worker processes by what they are doing.");
	for (int i = 0; i < METRICS_STATES; i++)
		labelled(out, "workers", "state", states[i], counts[i]);
	head(out, "worker_deaths_total", "counter", "Workers that ended unasked, by cause.");
	counters(out, "worker_deaths_total", "cause", causes, m->deaths, METRICS_DEATHS);
	counter(out, "worker_recycles_total", "Workers replaced after max_requests.", &m->recycled);
	counter(out, "indexer_deaths_total", "Indexers that ended unasked.", &m->indexer_deaths);
	counter(out, "reloads_total", "Configurations taken, the first one included.", &m->reloads);
	counter(out, "reloads_refused_total", "Configurations that were wrong and not taken.", &m->refused_reloads);
	head(out, "start_time_seconds", "gauge", "When the supervisor started, seconds since the epoch.");
	number(out, "start_time_seconds", (uint64_t)atomic_load(&m->started));
}

static void refreshes(const struct metrics *m, struct buf *out)
{
	static const char *const results[METRICS_REFRESHES] = {"changed", "unchanged", "failed"};
	uint64_t sum = 0;

	head(out, "refreshes_total", "counter", "Looks at the content, by what they did to the index.");
	counters(out, "refreshes_total", "result", results, m->refreshes, METRICS_REFRESHES);
	for (int i = 0; i < METRICS_REFRESHES; i++)
		sum += get(&m->refreshes[i]);
	head(out, "refresh_duration_seconds", "summary", "Time that looks at the content took.");
	seconds(out, "refresh_duration_seconds_sum", get(&m->refresh_microseconds));
	number(out, "refresh_duration_seconds_count", sum);
}

/* --- the site ---------------------------------------------------------------------------------------- */

static void site(const struct view_metrics_index *index, struct buf *out)
{
	char generation[17];

	head(out, "build_info", "gauge", "Always 1; the version is the label.");
	labelled(out, "build_info", "version", CARTOLINA_VERSION, 1);
	head(out, "index_info", "gauge", "Always 1; the label is another after every change of the index.");
	snprintf(generation, sizeof(generation), "%016" PRIx64, index->generation);
	labelled(out, "index_info", "generation", generation, 1);
	if (index->refreshed) {
		int64_t age = index->now - index->refreshed;
		head(out, "index_age_seconds", "gauge", "Time since the index was last found or made current.");
		number(out, "index_age_seconds", age > 0 ? (uint64_t)age : 0);
	}
	head(out, "posts", "gauge", "Public articles by language.");
	for (size_t i = 0; i < index->language_count; i++)
		labelled(out, "posts", "lang", index->posts[i].lang, index->posts[i].count);
	head(out, "problems", "gauge", "What is wrong with posts, as cartolina check has it when they are read.");
	labelled(out, "problems", "level", "error", index->errors);
	labelled(out, "problems", "level", "warning", index->warnings);
}

void view_metrics(const struct metrics *metrics, const struct view_metrics_index *index, struct buf *out)
{
	site(index, out);
	if (!metrics)
		return;
	requests(metrics, out);
	durations(metrics, out);
	workers(metrics, out);
	refreshes(metrics, out);
}
