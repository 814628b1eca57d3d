/* children.c: fork(), kill(), waitpid() -> a list of who is there.
 *
 * When to start whom is the supervisor's to decide.  Children that keep dying
 * young are started ever more slowly, so that a broken host is not kept busy
 * with making processes.  Sources: fork(2), wait(2), signal(7),
 * prctl(2).
 */
#include "children.h"

#include "clock.h"
#include "gateway_fcgi.h"
#include "log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SHORT_LIFE_MS = 1000, /* a child that dies younger than this died quickly */
	QUICK_AT_ONCE = 8,    /* so many quick deaths in a row are made up for at once */
	PAUSE_MS = 100,       /* before the next start then, doubled every time, */
	LONGEST_PAUSE_MS = 5000,
	FORGET_MS = 2 * LONGEST_PAUSE_MS, /* between two quick deaths that have nothing to do with each other */
};

static const char *const names[CHILD_ROLES] = {"preparer", "indexer", "worker"};
/* As ps -e, top and pgrep show them: at most 15 bytes, with the program's name in front. */
static const char *const titles[CHILD_ROLES] = {"cartolina-prep", "cartolina-index", "cartolina-work"};

/* ---- to life ---- */

bool children_may_start(const struct children *c, enum child_role role)
{
	return clock_ms() >= c->pace[role].not_before;
}

int children_start(struct children *c, enum child_role role, int64_t longest, child_work *work, void *context)
{
	struct child *child = calloc(1, sizeof(*child));

	struct metrics_slot *slot = role == CHILD_WORKER && child ? metrics_take_slot(c->metrics) : NULL;
	fflush(NULL); /* or both of us would write what is buffered */
	pid_t pid = child ? fork() : -1;
	if (pid == 0) {
		free(child);
		prctl(PR_SET_NAME, titles[role]);
		exit(work(context, role, slot));
	}
	if (pid < 0) {
		log_error("cannot start the %s: %s", names[role], strerror(errno));
		c->pace[role].not_before = clock_ms() + LONGEST_PAUSE_MS;
		metrics_give_slot(slot);
		free(child);
		return -1;
	}
	*child = (struct child){
		.next = c->first,
		.pid = pid,
		.role = role,
		.generation = c->generation,
		.started = clock_ms(),
		.longest = longest,
		.slot = slot,
	};
	if (slot)
		atomic_store(&slot->pid, (int)pid);
	c->first = child;
	return 0;
}

/* ---- who is there ---- */

static bool is_one(const struct children *c, const struct child *child, enum child_role role, bool current)
{
	return child->role == role && !child->retired && (child->generation == c->generation) == current;
}

struct child *children_find(const struct children *c, enum child_role role, bool current)
{
	for (struct child *child = c->first; child; child = child->next)
		if (is_one(c, child, role, current))
			return child;
	return NULL;
}

unsigned children_count(const struct children *c, enum child_role role, bool current)
{
	unsigned n = 0;

	for (const struct child *child = c->first; child; child = child->next)
		n += is_one(c, child, role, current);
	return n;
}

bool children_leaving(const struct children *c, int64_t ms)
{
	for (const struct child *child = c->first; child; child = child->next)
		if (child->retired && clock_ms() - child->retired < ms)
			return true;
	return false;
}

/* ---- to death ---- */

void children_retire(struct child *child, int signal_number, int64_t patience)
{
	child->retired = clock_ms();
	child->kill_at = child->retired + patience;
	if (child->slot)
		atomic_store(&child->slot->state, METRICS_LEAVING);
	kill(child->pid, signal_number);
}

void children_retire_all(struct children *c, int signal_number, int64_t patience)
{
	for (struct child *child = c->first; child; child = child->next)
		children_retire(child, signal_number, patience);
}

void children_kill_late(struct children *c)
{
	for (struct child *child = c->first; child; child = child->next) {
		if (!child->retired || clock_ms() < child->kill_at)
			continue;
		log_warning("%s %d did not leave in time and was killed", names[child->role],
			    (int)child->pid);
		kill(child->pid, SIGKILL);
		child->kill_at = INT64_MAX;
	}
}

static bool is_stuck(const struct child *child)
{
	return child->slot && !child->killed && !child->retired &&
	       atomic_load(&child->slot->state) == METRICS_BUSY &&
	       clock_ms() - atomic_load(&child->slot->since) >= child->longest;
}

void children_kill_stuck(struct children *c)
{
	for (struct child *child = c->first; child; child = child->next) {
		if (!is_stuck(child))
			continue;
		log_warning("worker %d was at one request for longer than request_timeout and was killed",
			    (int)child->pid);
		kill(child->pid, SIGKILL);
		child->killed = true;
	}
}

struct child *children_reap(struct children *c, int *status)
{
	pid_t pid;

	while ((pid = waitpid(-1, status, WNOHANG)) > 0) {
		struct child **link = &c->first;
		while (*link && (*link)->pid != pid)
			link = &(*link)->next;
		struct child *child = *link;
		if (!child)
			continue; /* of whoever was this process before exec() */
		*link = child->next;
		metrics_give_slot(child->slot);
		return child;
	}
	return NULL;
}

static void slow_down(struct children *c, const struct child *child)
{
	unsigned *quick = &c->pace[child->role].quick;
	int64_t pause = PAUSE_MS, now = clock_ms(), last = c->pace[child->role].last;

	/* Workers may also live well, and be replaced without a death, for days. */
	if (now - child->started >= SHORT_LIFE_MS || now - last > FORGET_MS)
		*quick = 0;
	if (now - child->started >= SHORT_LIFE_MS)
		return;
	c->pace[child->role].last = now;
	if (++*quick <= QUICK_AT_ONCE)
		return;
	for (unsigned i = QUICK_AT_ONCE + 1; i < *quick && pause < LONGEST_PAUSE_MS; i++)
		pause *= 2;
	if (pause > LONGEST_PAUSE_MS)
		pause = LONGEST_PAUSE_MS;
	c->pace[child->role].not_before = now + pause;
	log_warning("%u times in a row the %s died at once; the next one starts in %d ms",
		    *quick, names[child->role], (int)pause);
}

static void count_death(struct metrics *metrics, const struct child *child, int status)
{
	enum metrics_death cause = child->killed ? METRICS_KILLED
				   : WIFSIGNALED(status) ? METRICS_BY_SIGNAL
				   : WEXITSTATUS(status) == GATEWAY_FCGI_STUCK ? METRICS_STUCK : METRICS_BY_STATUS;

	if (!metrics)
		return;
	if (child->role == CHILD_WORKER)
		metrics_add(&metrics->deaths[cause]);
	else if (child->role == CHILD_INDEXER)
		metrics_add(&metrics->indexer_deaths);
}

void children_died(struct children *c, const struct child *child, int status)
{
	const char *name = names[child->role];

	if (child->retired)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == GATEWAY_FCGI_LEFT) {
		if (c->metrics && child->role == CHILD_WORKER)
			metrics_add(&c->metrics->recycled);
		return;
	}
	count_death(c->metrics, child, status);
	if (WIFSIGNALED(status))
		log_warning("%s %d died: %s", name, (int)child->pid, strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == GATEWAY_FCGI_STUCK)
		log_warning("%s %d was stuck in a request and gave up", name, (int)child->pid);
	else
		log_warning("%s %d ended with status %d", name, (int)child->pid, WEXITSTATUS(status));
	slow_down(c, child);
}
