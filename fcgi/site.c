/* site.c: opens the parts, and keeps them current between requests. */
#include "site.h"

#include "hash.h"
#include "index.h"
#include "indexer.h"
#include "log.h"
#include "purge.h"
#include "theme.h"
#include "themekeep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

/* A file that changed this shortly before it was looked at may change again
 * within the same tick of the file system's clock, unseen. */
enum {
	RACY_NANOSECONDS = 50 * 1000 * 1000,
	PATIENCE = 20, /* s for another process that is at the index */
};

struct site {
	const struct config *config;
	enum site_refresh refresh;
	struct index *index;
	bool in_memory;
	dev_t device; /* of the index file that is open */
	ino_t inode;
	struct stat looked; /* at it, by site_catch_up() */
	struct stat known;  /* when `generation` was read; st_ino is 0 before that */
	time_t known_at;
	uint64_t generation;
	struct theme *theme;
	uint64_t theme_count; /* the how-manieth */
	uint64_t theme_signature;
	time_t theme_checked;
	const struct metrics *metrics;
	uint64_t trouble; /* a hash of what a refresh last complained of, or 0 */
};

/* --- the index ------------------------------------------------------------------ */

static void note_file(struct site *site)
{
	struct stat st;

	site->known.st_ino = 0;
	if (!stat(site->config->index, &st)) {
		site->device = st.st_dev;
		site->inode = st.st_ino;
	}
}

static enum index_status open_index(struct site *site, struct buf *err)
{
	struct index *index;

	/* Before opening: if it is replaced in between, the next look sees that. */
	note_file(site);
	enum index_status status = index_open(site->config->index, site->config->fingerprint, &index, err);
	if (status == INDEX_FINE) {
		index_close(site->index);
		site->index = index;
	}
	return status;
}

static int run_indexer(struct site *site, enum indexer_mode mode, struct buf *err)
{
	struct indexer_report report;
	struct buf problems = BUF_EMPTY;

	/* A worker can do without; of requests as CGI each would make an index of its own. */
	const struct indexer_task task = {
		.mode = mode,
		.patience = site->refresh == SITE_REFRESH_OTHER ? PATIENCE : 0,
	};

	int result = indexer_do(site->config, &task, &report, &problems, err);
	log_lines(buf_view(&problems));
	buf_release(&problems);
	return result;
}

/* No file can be written: serve all the same, and say what would mend it. */
static int open_in_memory(struct site *site, struct str reason, struct buf *err)
{
	struct indexer_report report;
	struct buf problems = BUF_EMPTY;
	struct index *index = NULL;

	int result = indexer_run_in_memory(site->config, &index, &report, &problems, err);
	log_lines(buf_view(&problems));
	buf_release(&problems);
	if (result)
		return -1;
	log_lines(reason);
	log_warning("the index is kept in memory and made anew for every process; set `index:` in "
		    "cartolina.yaml to a file in a folder that this user may write to");
	index_close(site->index);
	site->index = index;
	site->in_memory = true;
	return 0;
}

/* Trouble that stays is told once. */
static void log_news(struct site *site, struct str trouble)
{
	uint64_t hash = trouble.n ? hash64(trouble) : 0;

	if (hash != site->trouble)
		log_lines(trouble);
	site->trouble = hash;
}

static int bring_up(struct site *site, struct buf *err)
{
	struct buf reason = BUF_EMPTY, open_error = BUF_EMPTY;
	int result = 0;

	int indexed = site->refresh == SITE_REFRESH_SELF ? run_indexer(site, INDEXER_IF_DUE, &reason) : 0;
	enum index_status status = open_index(site, &open_error);
	if (status != INDEX_FINE && !indexed) {
		indexed = run_indexer(site, INDEXER_NOW, &reason);
		status = open_index(site, &open_error);
	}
	if (status == INDEX_FINE)
		log_news(site, buf_view(&reason)); /* not refreshed, but there is an older one */
	else
		result = open_in_memory(site, buf_view(&reason), err);
	buf_release(&reason);
	buf_release(&open_error);
	return result;
}

bool site_mend(struct site *site)
{
	struct buf err = BUF_EMPTY;
	bool mended = false;

	log_warning("the index %s is damaged; it is made anew", site->config->index);
	if (!site->in_memory && !run_indexer(site, INDEXER_REBUILD, &err))
		mended = open_index(site, &err) == INDEX_FINE;
	if (!mended)
		mended = !open_in_memory(site, buf_view(&err), &err);
	if (!mended)
		log_lines(buf_view(&err));
	buf_release(&err);
	return mended;
}

/* --- the theme ------------------------------------------------------------------- */

/* For a process that starts while the theme is broken. */
static struct theme *kept_theme(const struct config *config)
{
	struct config kept = *config;
	struct buf problems = BUF_EMPTY;
	struct theme *theme = NULL;
	struct arena arena;

	arena_init(&arena, 0);
	if ((kept.theme = themekeep_folder(&arena, config)))
		theme = theme_load(&kept, &problems);
	if (problems.n) {
		theme_free(theme);
		theme = NULL;
	}
	buf_release(&problems);
	arena_release(&arena);
	return theme;
}

static void load_theme(struct site *site)
{
	const bool first = !site->theme;
	struct buf problems = BUF_EMPTY;

	site->theme_checked = time(NULL);
	site->theme_signature = theme_signature(site->config);
	struct theme *theme = theme_load(site->config, &problems);
	log_lines(buf_view(&problems));
	struct theme *good = problems.n ? site->theme ? site->theme : kept_theme(site->config) : theme;
	if (good && good != theme)
		theme_free(theme); /* the last good one goes on serving */
	else
		good = theme;
	if (good != site->theme) {
		theme_free(site->theme);
		site->theme_count++;
	}
	site->theme = good;
	if (site->refresh == SITE_REFRESH_OTHER)
		theme_prepare(site->theme);
	/* Where there is an indexer process it tells the caches; but of what changed
	 * while nothing ran, whoever starts first. */
	if (!problems.n && site->config->theme[0] && themekeep_save(site->config, site->theme_signature) &&
	    (first || site->refresh == SITE_REFRESH_SELF))
		purge_send(site->config, STR_LIT(INDEX_EVERY_TAG), true);
	buf_release(&problems);
}

static void catch_up_theme(struct site *site, bool at_once)
{
	bool due = at_once || time(NULL) - site->theme_checked >= (time_t)site->config->refresh;

	if (!site->config->theme[0] || !due)
		return;
	site->theme_checked = time(NULL);
	if (theme_signature(site->config) != site->theme_signature)
		load_theme(site);
}

/* --- the site --------------------------------------------------------------------- */

int site_open(struct site **out, const struct config *config, enum site_refresh refresh, struct buf *err)
{
	struct site *site = calloc(1, sizeof(*site));

	*out = NULL;
	if (!site) {
		buf_puts(err, "out of memory\n");
		return -1;
	}
	site->config = config;
	site->refresh = refresh;
	if (bring_up(site, err)) {
		site_free(site);
		return -1;
	}
	load_theme(site); /* after the index, whose folder is there now */
	*out = site;
	return 0;
}

void site_free(struct site *site)
{
	if (!site)
		return;
	index_close(site->index);
	theme_free(site->theme);
	free(site);
}

static void refresh(struct site *site)
{
	struct buf err = BUF_EMPTY;

	run_indexer(site, INDEXER_IF_DUE, &err);
	log_news(site, buf_view(&err));
	buf_release(&err);
}

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* True when the file is not as it was at the last look, or there was none. */
static bool catch_up_index(struct site *site)
{
	struct buf err = BUF_EMPTY;
	struct stat *st = &site->looked;
	const int64_t before = st->st_ino ? nanoseconds(st->st_ctim) : 0;

	if (site->refresh == SITE_REFRESH_SELF)
		refresh(site);
	/* A rebuild renames a new file over the old one. */
	if (stat(site->config->index, st)) {
		st->st_ino = 0;
	} else if (st->st_dev != site->device || st->st_ino != site->inode) {
		open_index(site, &err);
		buf_release(&err);
	}
	return st->st_ino && nanoseconds(st->st_ctim) != before;
}

void site_catch_up(struct site *site)
{
	/* The indexer process makes it so when the theme has changed, too. */
	bool changed = !site->in_memory && catch_up_index(site);

	catch_up_theme(site, changed);
}

/* --- its version -------------------------------------------------------------------- */

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       nanoseconds(a->st_mtim) == nanoseconds(b->st_mtim) &&
	       nanoseconds(a->st_ctim) == nanoseconds(b->st_ctim);
}

/* By the file's times, for asking SQLite is nine system calls.  Once a second it
 * is asked all the same: there are file systems whose times tell less. */
bool site_version(struct site *site, struct site_version *version)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (!site->looked.st_ino || !is_same_file(&site->looked, &site->known) || site->known_at != now.tv_sec) {
		/* What is committed from here on changes the file after `looked`. */
		bool racy = nanoseconds(now) - nanoseconds(site->looked.st_ctim) < RACY_NANOSECONDS;
		site->generation = index_generation(site->index);
		site->known = site->looked;
		site->known_at = now.tv_sec;
		if (racy)
			site->known.st_ino = 0;
	}
	*version = (struct site_version){site->generation, site->theme_count};
	return site->generation != 0;
}

const struct config *site_config(const struct site *site)
{
	return site->config;
}

struct index *site_index(struct site *site)
{
	return site->index;
}

const struct theme *site_theme(const struct site *site)
{
	return site->theme;
}

int64_t site_refreshed(const struct site *site)
{
	struct stat st;

	return site->in_memory || stat(site->config->index, &st) ? 0 : st.st_mtime;
}

void site_set_metrics(struct site *site, const struct metrics *metrics)
{
	site->metrics = metrics;
}

const struct metrics *site_metrics(const struct site *site)
{
	return site->metrics;
}
