/* metrics.c: counting, in a page that the supervisor maps before it forks.
 *
 * Relaxed atomic additions and nothing else: no locks, which a killed worker could
 * leave held.  What the numbers are called is view_metrics.c's business.
 */
#include "metrics.h"

#include <stddef.h>
#include <sys/mman.h>

const unsigned metrics_bounds[METRICS_BUCKETS] = {
	100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000,
};

const char *const metrics_verdicts[METRICS_CACHE_VERDICTS] = {"none", "hit", "miss"};

struct metrics *metrics_new(int64_t now)
{
	struct metrics *metrics = mmap(NULL, sizeof(*metrics), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (metrics == MAP_FAILED)
		return NULL;
	atomic_store(&metrics->started, now);
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (metrics)
		munmap(metrics, sizeof(*metrics));
}

static void add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

void metrics_add(_Atomic uint64_t *counter)
{
	add(counter, 1);
}

void metrics_request(struct metrics *metrics, const struct metrics_request *request)
{
	int class = request->status / 100 - 2;
	unsigned bucket = 0;

	if (!metrics)
		return;
	if (class < 0 || class >= METRICS_CLASSES)
		class = METRICS_CLASSES - 1;
	while (bucket < METRICS_BUCKETS && request->microseconds > metrics_bounds[bucket])
		bucket++;
	add(&metrics->requests[class][request->format], 1);
	add(&metrics->durations[bucket], 1);
	add(&metrics->microseconds, request->microseconds);
	add(&metrics->bytes, request->bytes);
	add(&metrics->cache[request->cache], 1);
}

void metrics_dropped(struct metrics *metrics)
{
	if (metrics)
		add(&metrics->dropped, 1);
}

void metrics_refresh(struct metrics *metrics, enum metrics_refresh result, uint64_t microseconds)
{
	if (!metrics)
		return;
	add(&metrics->refreshes[result], 1);
	add(&metrics->refresh_microseconds, microseconds);
}

/* --- slots ----------------------------------------------------------------------------------- */

/* Only the supervisor takes and gives, so there is no race for one. */
struct metrics_slot *metrics_take_slot(struct metrics *metrics)
{
	for (int i = 0; metrics && i < METRICS_SLOTS; i++) {
		struct metrics_slot *slot = &metrics->slots[i];
		if (atomic_load(&slot->pid))
			continue;
		atomic_store(&slot->state, METRICS_STARTING);
		atomic_store(&slot->since, 0);
		atomic_store(&slot->pid, -1); /* taken; by whom is known after fork() */
		return slot;
	}
	return NULL;
}

void metrics_give_slot(struct metrics_slot *slot)
{
	if (slot)
		atomic_store(&slot->pid, 0);
}

/* LEAVING stays: the supervisor says it while the worker is at a request. */
void metrics_state(struct metrics_slot *slot, enum metrics_state state, int64_t now_ms)
{
	if (!slot)
		return;
	atomic_store_explicit(&slot->since, now_ms, memory_order_relaxed);
	int before = atomic_load_explicit(&slot->state, memory_order_relaxed);
	while (before != METRICS_LEAVING && !atomic_compare_exchange_weak(&slot->state, &before, (int)state))
		;
}

void metrics_count_states(const struct metrics *metrics, unsigned counts[METRICS_STATES])
{
	for (int i = 0; i < METRICS_STATES; i++)
		counts[i] = 0;
	for (int i = 0; i < METRICS_SLOTS; i++)
		if (atomic_load_explicit(&metrics->slots[i].pid, memory_order_relaxed))
			counts[atomic_load_explicit(&metrics->slots[i].state, memory_order_relaxed)]++;
}
