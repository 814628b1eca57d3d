/* follow.c: what the watcher sees -> runs of the indexer, for ever.
 *
 * Single files are indexed by themselves; whatever is more than that, and every
 * now and then all the same, is a sweep.  Where not everything can be watched the
 * sweeps come as often as `refresh` asks.  Ends by SIGTERM's default action: a
 * transaction that is cut off was never there.
 */
#include "follow.h"

#include "clock.h"
#include "indexer.h"
#include "log.h"
#include "watcher.h"

#include <time.h>

enum {
	LEAST_MS = 100,         /* between two sweeps */
	ANYHOW_MS = 30 * 1000, /* the pause when the watcher sees everything */
};

struct follower {
	const struct config *config;
	struct metrics *metrics; /* or NULL */
	struct watcher *watcher; /* or NULL */
	int64_t next_sweep;      /* ms, monotonic */
	struct buf said;         /* by the last sweep about files */
	struct buf failure;      /* of the last run */
};

/* Logs text unless it is what was logged the last time; what went away may come back. */
static bool log_news(struct buf *last, const struct buf *text)
{
	bool news = !str_eq(buf_view(last), buf_view(text));

	if (news) {
		buf_reset(last);
		buf_str(last, buf_view(text));
		log_lines(buf_view(text));
	}
	return news;
}

static int64_t shortest_pause(const struct config *config)
{
	int64_t pause = (int64_t)config->refresh * 500;

	return pause > LEAST_MS ? pause : LEAST_MS;
}

static int64_t pause_of(const struct follower *f)
{
	int64_t pause = shortest_pause(f->config);

	if (!f->watcher || !watcher_is_complete(f->watcher))
		return pause;
	return pause > ANYHOW_MS ? pause : ANYHOW_MS;
}

static void run(struct follower *f, const struct indexer_task *task)
{
	struct indexer_report report;
	struct buf problems = BUF_EMPTY, err = BUF_EMPTY;

	int64_t begun = clock_us();
	int result = indexer_do(f->config, task, &report, &problems, &err);
	if (result || !report.skipped)
		metrics_refresh(f->metrics,
				result ? METRICS_FAILED : report.changed ? METRICS_CHANGED : METRICS_UNCHANGED,
				(uint64_t)(clock_us() - begun));
	if (task->mode == INDEXER_FILES)
		log_lines(buf_view(&problems)); /* found for the first time */
	else
		log_news(&f->said, &problems);
	if (log_news(&f->failure, &err) && result == 0)
		log_notice("the index is up to date again");
	/* What was seen and could not be done is to be tried again soon. */
	if (result)
		f->next_sweep = clock_ms() + shortest_pause(f->config);
	buf_release(&problems);
	buf_release(&err);
}

static void sweep(struct follower *f)
{
	f->next_sweep = clock_ms() + pause_of(f);
	run(f, &(struct indexer_task){.mode = INDEXER_NOW});
}

static void complain(const struct follower *f, struct str why)
{
	if (why.n)
		log_warning("not every change can be noticed at once, so the content is looked through every %d ms: "
			    "%.*s",
			    (int)shortest_pause(f->config), STR_ARG(why));
}

static void wait_and_run(struct follower *f)
{
	int64_t left = f->next_sweep - clock_ms();
	const char *const *files;
	size_t count;

	if (left < 0)
		left = 0;
	if (!f->watcher) {
		nanosleep(&(struct timespec){.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000}, NULL);
		sweep(f);
		return;
	}
	if (watcher_wait(f->watcher, left, &files, &count) == WATCHER_FILES)
		run(f, &(struct indexer_task){.mode = INDEXER_FILES, .files = files, .file_count = count});
	else
		sweep(f);
	complain(f, watcher_complaint(f->watcher));
}

void follow_content(const struct config *config, struct metrics *metrics)
{
	struct follower f = {.config = config, .metrics = metrics};
	struct buf err = BUF_EMPTY;

	if (watcher_open(config->content, &f.watcher, &err))
		complain(&f, buf_view(&err));
	else
		complain(&f, watcher_complaint(f.watcher));
	buf_release(&err);
	sweep(&f);
	for (;;)
		wait_and_run(&f);
}
