/* follow.c: what the watcher sees -> runs of the indexer, for ever.
 *
 * Single files are indexed by themselves; whatever is more than that, and every
 * now and then all the same, is a sweep.  Where not everything can be watched the
 * sweeps come as often as `refresh` asks.  Where caches are told of changes, the
 * theme is looked at too, since every page of theirs is made with it.  Ends by
 * SIGTERM's default action: a transaction that is cut off was never there.
 */
#include "follow.h"

#include "clock.h"
#include "index.h"
#include "indexer.h"
#include "log.h"
#include "purge.h"
#include "theme.h"
#include "themekeep.h"
#include "watcher.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

enum {
	LEAST_MS = 100,         /* between two sweeps */
	ANYHOW_MS = 30 * 1000, /* the pause when the watcher sees everything */
	THEME_MS = 250,        /* between two looks at the theme: a few dozen files */
};

struct follower {
	const struct config *config;
	struct metrics *metrics; /* or NULL */
	struct watcher *watcher; /* or NULL */
	int64_t next_sweep;      /* ms, monotonic */
	int64_t next_look;       /* at the theme; INT64_MAX where nobody has to be told */
	uint64_t theme;          /* its signature, at the last look */
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

/* A watcher that is not complete tries to be at every look. */
static void plan_look(struct follower *f)
{
	bool complete = f->watcher && watcher_is_complete(f->watcher);

	f->next_look = clock_ms() + (complete ? THEME_MS : shortest_pause(f->config));
}

/* When this file's times change, and be it only the one of its last use, workers look
 * at the theme at once.  Otherwise one of them could make a cache's next page with
 * the old one. */
static void wake_workers(const struct follower *f)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};

	(void)!utimensat(AT_FDCWD, f->config->index, times, 0);
}

static void look_at_theme(struct follower *f)
{
	uint64_t signature = theme_signature(f->config);
	struct buf problems = BUF_EMPTY;

	plan_look(f);
	if (signature == f->theme)
		return;
	f->theme = signature;
	/* No worker serves a broken one, and they say what is wrong with it. */
	theme_free(theme_load(f->config, &problems));
	if (!problems.n) {
		wake_workers(f);
		purge_send(f->config, STR_LIT(INDEX_EVERY_TAG), false);
	}
	buf_release(&problems);
}

static void wait_and_run(struct follower *f)
{
	int64_t next = f->next_look < f->next_sweep ? f->next_look : f->next_sweep, left = next - clock_ms();
	enum watcher_sight sight = WATCHER_NOTHING;
	const char *const *files;
	size_t count;

	if (left < 0)
		left = 0;
	if (f->watcher)
		sight = watcher_wait(f->watcher, left, &files, &count);
	else
		nanosleep(&(struct timespec){.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000}, NULL);
	if (sight == WATCHER_FILES)
		run(f, &(struct indexer_task){.mode = INDEXER_FILES, .files = files, .file_count = count});
	else if (sight == WATCHER_ALL || clock_ms() >= f->next_sweep)
		sweep(f);
	if (clock_ms() >= f->next_look)
		look_at_theme(f);
	if (f->watcher)
		complain(f, watcher_complaint(f->watcher));
}

void follow_content(const struct config *config, struct metrics *metrics)
{
	struct follower f = {.config = config, .metrics = metrics, .next_look = INT64_MAX};
	struct buf err = BUF_EMPTY;

	if (watcher_open(config->content, &f.watcher, &err))
		complain(&f, buf_view(&err));
	else
		complain(&f, watcher_complaint(f.watcher));
	buf_release(&err);
	if (config->purge_count && config->theme[0]) {
		/* What was served before this process began, if that is known. */
		f.theme = themekeep_signature(config);
		if (!f.theme)
			f.theme = theme_signature(config);
		plan_look(&f);
	}
	sweep(&f);
	for (;;)
		wait_and_run(&f);
}
