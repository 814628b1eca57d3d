/* metrics.h: what a supervisor and its children count, in memory that they share,
 * so that any worker can tell of all.
 *
 * Every counter is one atomic number that only grows.  A reader may see a request in one
 * counter and not yet in another; the next look has both.  Functions take NULL
 * for a process on its own, and do nothing.
 */
#ifndef CARTOLINA_METRICS_H
#define CARTOLINA_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum metrics_format {
	METRICS_HTML,
	METRICS_FRAGMENT,
	METRICS_JSON,
	METRICS_TEXT,
	METRICS_MD,
	METRICS_XML,
	METRICS_FEED,
	METRICS_FORMATS,
};
enum metrics_cache { METRICS_CACHE_NONE, METRICS_CACHE_HIT, METRICS_CACHE_MISS, METRICS_CACHE_VERDICTS };
enum metrics_death { METRICS_BY_SIGNAL, METRICS_BY_STATUS, METRICS_STUCK, METRICS_KILLED, METRICS_DEATHS };
enum metrics_refresh { METRICS_CHANGED, METRICS_UNCHANGED, METRICS_FAILED, METRICS_REFRESHES };
enum metrics_state { METRICS_STARTING, METRICS_IDLE, METRICS_BUSY, METRICS_LEAVING, METRICS_STATES };

enum {
	METRICS_CLASSES = 4, /* of status: 2xx to 5xx */
	METRICS_BUCKETS = 13,
	METRICS_SLOTS = 2100, /* twice as many as there may be workers, and some */
};

/* Where one worker says how it is.  It is of that worker and the supervisor. */
struct metrics_slot {
	_Atomic int pid;      /* 0: nobody's */
	_Atomic int state;
	_Atomic int64_t since; /* ms, monotonic: when the request began, or when it was last seen idle */
};

struct metrics {
	_Atomic uint64_t requests[METRICS_CLASSES][METRICS_FORMATS];
	_Atomic uint64_t durations[METRICS_BUCKETS + 1]; /* not cumulative; the last is for what is longer */
	_Atomic uint64_t microseconds, bytes, dropped;
	_Atomic uint64_t cache[METRICS_CACHE_VERDICTS];
	_Atomic uint64_t deaths[METRICS_DEATHS], recycled, indexer_deaths;
	_Atomic uint64_t reloads, refused_reloads;
	_Atomic uint64_t refreshes[METRICS_REFRESHES], refresh_microseconds;
	_Atomic int64_t started; /* seconds since the epoch */
	struct metrics_slot slots[METRICS_SLOTS];
};

/* Upper bounds of the buckets, in microseconds. */
extern const unsigned metrics_bounds[METRICS_BUCKETS];
/* What the log and the numbers call them. */
extern const char *const metrics_verdicts[METRICS_CACHE_VERDICTS];

/* Shared with all later children; NULL when there is no memory. */
struct metrics *metrics_new(int64_t now);
void metrics_free(struct metrics *metrics);

struct metrics_request {
	int status;
	enum metrics_format format;
	enum metrics_cache cache;
	uint64_t microseconds; /* from the whole request to the last byte of the answer */
	uint64_t bytes;        /* of the body, as sent */
};
void metrics_request(struct metrics *metrics, const struct metrics_request *request);
/* It was cut off: by its peer, or at its deadline. */
void metrics_dropped(struct metrics *metrics);
void metrics_refresh(struct metrics *metrics, enum metrics_refresh result, uint64_t microseconds);
void metrics_add(_Atomic uint64_t *counter);

/* A free slot for a worker that is about to start, or NULL. */
struct metrics_slot *metrics_take_slot(struct metrics *metrics);
void metrics_give_slot(struct metrics_slot *slot);
/* A worker says how it is; not after it was told to leave. */
void metrics_state(struct metrics_slot *slot, enum metrics_state state, int64_t now_ms);
/* How many workers are in each state. */
void metrics_count_states(const struct metrics *metrics, unsigned counts[METRICS_STATES]);

#endif
