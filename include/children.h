/* children.h: the processes of a supervisor: started, told to leave, killed when
 * they do not, and counted when they die.
 *
 * Not for threads.  Times are clock_ms().  What happens is logged.
 */
#ifndef CARTOLINA_CHILDREN_H
#define CARTOLINA_CHILDREN_H

#include "metrics.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum child_role { CHILD_PREPARER, CHILD_INDEXER, CHILD_WORKER, CHILD_ROLES };

struct child {
	struct child *next;
	pid_t pid;
	enum child_role role;
	unsigned generation; /* of the configuration that it runs with */
	int64_t started;
	int64_t retired;     /* when it was told to leave, or 0 */
	int64_t kill_at;     /* from when on it is killed, if retired */
	int64_t longest;     /* ms that a request of its may take before it is killed */
	struct metrics_slot *slot; /* of a worker, or NULL */
	bool killed;         /* for taking longer */
};

struct children {
	struct child *first;
	unsigned generation;     /* of those that are started from now on */
	struct metrics *metrics; /* or NULL */
	struct {
		unsigned quick; /* deaths in a row soon after the start, */
		int64_t last;   /* and when the last one was */
		int64_t not_before;
	} pace[CHILD_ROLES];
};

/* False for a while when those of that role keep dying. */
bool children_may_start(const struct children *c, enum child_role role);

/* What a child does; what it returns is its exit status. */
typedef int child_work(void *context, enum child_role role, struct metrics_slot *slot);

/* 0, or -1 when there can be no process; then there is a pause before the next. */
int children_start(struct children *c, enum child_role role, int64_t longest, child_work *work, void *context);

/* Sends the signal; after `patience` ms children_kill_late() kills it. */
void children_retire(struct child *child, int signal_number, int64_t patience);
void children_retire_all(struct children *c, int signal_number, int64_t patience);
void children_kill_late(struct children *c);
/* A worker ends itself when its request goes on after the deadline; this is for one
 * that cannot do even that. */
void children_kill_stuck(struct children *c);

/* Of those that were not told to leave: of the present generation, or of others. */
struct child *children_find(const struct children *c, enum child_role role, bool current);
unsigned children_count(const struct children *c, enum child_role role, bool current);
/* One was told to leave, less than `ms` ago. */
bool children_leaving(const struct children *c, int64_t ms);

/* The next that has ended, off the list: the caller's, for free(); or NULL. */
struct child *children_reap(struct children *c, int *status);
/* Says of what it died, counts it, and makes the next of its role wait if need be. */
void children_died(struct children *c, const struct child *child, int status);

#endif
