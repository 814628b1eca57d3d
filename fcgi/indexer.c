/* indexer.c: compare the content folder with the index, render what differs,
 * commit once.
 *
 * One writer at a time (indexlock.c).  The time of the index file itself says when
 * the last sweep was, so that a sweep that finds nothing writes nothing into it.
 * A rebuild makes another file and renames it.
 */
#include "indexer.h"

#include "arena.h"
#include "index.h"
#include "indexlock.h"
#include "post.h"
#include "purge.h"
#include "reference.h"
#include "renderer.h"
#include "sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A file that changed this shortly before it was read may change again within
 * the same tick of the file system's clock, unseen: look once more next time. */
enum {
	RACY_NANOSECONDS = 50 * 1000 * 1000,
	/* Who names a file that changed names it again when it changes again; this is
	 * for one who dies in between, and shorter than a watcher waits. */
	RACY_WHEN_NAMED = 15 * 1000 * 1000,
};

/* git and some editors remove a file before they write the new one, and on a busy
 * machine they are interrupted in between. */
enum { AWAY_NANOSECONDS = 20 * 1000 * 1000, AWAY_TURNS = 12 };

enum { QUESTIONS = 16 /* files of which it is asked who depends on them */ };

struct run {
	const struct config *config;
	const struct indexer_task *task;
	bool partial; /* the sweep was of these only: task->files, and what depends on them */
	const char **names;
	size_t name_count, name_room;
	struct arena arena;
	struct index *index;
	struct sweep sweep;
	bool *known;          /* sweep.files[i] is in the index as it is */
	const char **missing; /* in the index, not in the sweep */
	size_t missing_count, missing_room;
	struct renderer_job *jobs;
	size_t *job_file; /* job -> position in the sweep */
	size_t job_count, jobs_done;
	int64_t started; /* nanoseconds since the epoch, before the sweep */
	struct indexer_report *report;
	struct buf *problems, *err;
	struct buf tags; /* of the pages that are not what they were */
	bool failed;
};

/* --- when --------------------------------------------------------------------- */

static bool is_due(const struct config *config)
{
	struct stat st;
	time_t now = time(NULL);

	if (stat(config->index, &st))
		return true;
	/* A time in the future is a clock that was set back; time() itself
	 * may lag a moment behind what files are stamped with. */
	return st.st_mtime > now + 1 || now - st.st_mtime >= (time_t)config->refresh;
}

/* --- what ---------------------------------------------------------------------- */

static int by_name(const void *key, const void *file)
{
	return strcmp(key, ((const struct sweep_file *)file)->file);
}

/* A sweep has seen what has a dot in its name. */
static bool find_asked(void *context, struct str path, struct stat *st)
{
	const struct run *run = context;
	const struct sweep *sweep = &run->sweep;
	struct str last = str_last(path, '/');
	bool seen = !run->partial && !sweep->incomplete && str_find(path, "/.") == path.n &&
		    str_find_char(last, '.') < last.n;
	char name[PATH_MAX];
	int n = snprintf(name, sizeof(name), "%s%.*s", run->config->content, STR_ARG(path));

	if (n < 0 || (size_t)n >= sizeof(name))
		return false;
	if (!seen)
		return !stat(name, st);
	const char *file = name + n - path.n + 1;
	const struct sweep_file *found = NULL;
	if (sweep->other_count)
		found = bsearch(file, sweep->others, sweep->other_count, sizeof(*found), by_name);
	if (!found && sweep->count)
		found = bsearch(file, sweep->files, sweep->count, sizeof(*found), by_name);
	if (!found)
		return false;
	*st = (struct stat){.st_mode = S_IFREG, .st_size = found->size};
	st->st_mtim = (struct timespec){found->mtime / 1000000000, found->mtime % 1000000000};
	return true;
}

static void compare(void *context, const struct index_file *old)
{
	struct run *run = context;
	struct sweep_file *now = run->sweep.count
		? bsearch(old->file, run->sweep.files, run->sweep.count, sizeof(*now), by_name) : NULL;

	if (now) {
		run->known[now - run->sweep.files] =
			old->inode == now->inode && old->size == now->size && old->mtime == now->mtime &&
			old->changed == now->changed &&
			(!old->asked.n ||
			 old->asked_state == reference_state(old->asked, find_asked, run));
	} else if (!run->sweep.incomplete) {
		if (run->missing_count == run->missing_room) {
			size_t room = run->missing_room ? run->missing_room * 2 : 16;
			const char **missing = ARENA_ARRAY(&run->arena, room, const char *);
			if (run->missing_count)
				memcpy(missing, run->missing, run->missing_count * sizeof(*missing));
			run->missing = missing;
			run->missing_room = room;
		}
		run->missing[run->missing_count++] = arena_z(&run->arena, str_from(old->file));
	}
}

/* Sets run->known and run->missing. */
static int compare_all(struct run *run)
{
	struct index_file old;

	run->missing_count = run->missing_room = 0;
	run->known = ARENA_ARRAY(&run->arena, run->sweep.count + 1, bool);
	if (!run->partial)
		return index_each_file(run->index, compare, run);
	for (size_t i = 0; i < run->name_count; i++) {
		int found = index_find_file(run->index, &run->arena, run->names[i], &old);
		if (found < 0)
			return -1;
		if (found)
			compare(run, &old);
	}
	return 0;
}

static void add_name(struct run *run, const char *file)
{
	for (size_t i = 0; i < run->name_count; i++)
		if (!strcmp(run->names[i], file))
			return;
	if (run->name_count == run->name_room) {
		size_t room = run->name_room ? run->name_room * 2 : 16;
		run->names = arena_grow(&run->arena, run->names, run->name_room * sizeof(*run->names),
					room * sizeof(*run->names));
		run->name_room = room;
	}
	run->names[run->name_count++] = arena_z(&run->arena, str_from(file));
}

static int sweep_content(struct run *run, struct buf *problems)
{
	const struct config *config = run->config;
	int result;

	if (run->partial)
		result = sweep_files(&run->arena, config->content, config->content_shown, run->names,
				     run->name_count, &run->sweep, problems, run->err);
	else
		result = sweep_read(&run->arena, config->content, config->content_shown, &run->sweep, problems,
				    run->err);
	run->report->files = run->sweep.count;
	return result;
}

/* From *next on, where the last one was found: both lists have the index's order. */
static bool is_among(const char *file, const char **files, size_t count, size_t *next)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = (*next + i) % count;
		if (!strcmp(files[at], file)) {
			*next = at + 1;
			return true;
		}
	}
	return false;
}

static bool are_back(struct run *run)
{
	for (size_t i = 0; i < run->missing_count; i++)
		if (access(arena_printf(&run->arena, "%s/%s", run->config->content, run->missing[i]).p, F_OK) != 0)
			return false;
	return true;
}

/* Who writes what has come back may be at it still: that is for the next run. */
static void leave_for_later(struct run *run, const char **missed, size_t count)
{
	for (size_t i = 0; i < count && run->sweep.count; i++) {
		const struct sweep_file *back =
			bsearch(missed[i], run->sweep.files, run->sweep.count, sizeof(*back), by_name);
		if (back)
			run->known[back - run->sweep.files] = true;
	}
}

/* A file that is missing is so for a while: one that is being replaced is not.  What
 * could not be read was noted the first time. */
static int confirm_missing(struct run *run)
{
	const struct timespec moment = {.tv_nsec = AWAY_NANOSECONDS};
	const char **missed = run->missing;
	size_t missed_count = run->missing_count, next = 0, count = 0;
	struct buf noted = BUF_EMPTY;

	for (int i = 0; i < AWAY_TURNS && (i == 0 || !are_back(run)); i++)
		nanosleep(&moment, NULL);
	int result = sweep_content(run, &noted);
	buf_release(&noted);
	if (result || compare_all(run))
		return -1;
	for (size_t i = 0; i < run->missing_count; i++)
		if (is_among(run->missing[i], missed, missed_count, &next))
			run->missing[count++] = run->missing[i];
	run->missing_count = count;
	leave_for_later(run, missed, missed_count);
	return 0;
}

static void note_asking(void *context, const struct index_file *file)
{
	add_name(context, file->file);
}

/* A picture that comes later than the post that shows it, a post that another one
 * refers to.  What is in a post matters to nobody else, only that it is there.
 * Finding who asks looks at all posts: of many files a sweep is cheaper. */
static int add_asking(struct run *run)
{
	size_t before = run->name_count, questions = 0;
	struct buf noted = BUF_EMPTY;

	for (size_t i = 0; i < run->task->file_count && questions <= QUESTIONS; i++) {
		const char *name = run->task->files[i];
		struct index_file known;
		bool there = !access(arena_printf(&run->arena, "%s/%s", run->config->content, name).p, F_OK);
		int found = index_find_file(run->index, &run->arena, name, &known);
		if (found < 0)
			return -1;
		if (found && there)
			continue;
		if (++questions <= QUESTIONS &&
		    index_each_asking(run->index, arena_printf(&run->arena, "/%s", name), note_asking, run))
			return -1;
	}
	run->partial = questions <= QUESTIONS;
	int result = run->partial && run->name_count == before ? 0 : sweep_content(run, &noted);
	buf_release(&noted);
	return result;
}

static void list_jobs(struct run *run)
{
	run->jobs = ARENA_ARRAY(&run->arena, run->sweep.count + 1, struct renderer_job);
	run->job_file = ARENA_ARRAY(&run->arena, run->sweep.count + 1, size_t);
	for (size_t i = 0; i < run->sweep.count; i++) {
		if (run->known[i])
			continue;
		run->jobs[run->job_count].file = run->sweep.files[i].file;
		run->job_file[run->job_count++] = i;
	}
}

/* Against the time before the sweep: rendering may take longer than a tick. */
static bool is_racy(const struct run *run, const struct sweep_file *file)
{
	return run->started - file->changed < (run->partial ? RACY_WHEN_NAMED : RACY_NANOSECONDS);
}

static void store(void *context, const struct renderer_result *result)
{
	struct run *run = context;
	const struct sweep_file *seen = &run->sweep.files[run->job_file[result->job]];
	struct index_file file = {seen->file, seen->inode, seen->size, seen->mtime, seen->changed, result->hash,
				  result->asked, result->asked_state};

	if (run->task->progress)
		run->task->progress(run->task->context, ++run->jobs_done, run->job_count);
	if (run->failed)
		return;
	buf_str(run->problems, result->problems);
	if (result->gone) /* or away for a moment: for the next run to see */
		return;
	if (is_racy(run, seen))
		file.changed = 0;
	if (result->rendered) {
		run->report->rendered++;
		run->failed = index_put_post(run->index, result->head, result->body, result->text, run->err);
	} else {
		run->report->errors++;
	}
	if (!run->failed)
		run->failed = index_put_file(run->index, &file, result->problems, run->err);
}

static unsigned cores(void)
{
	cpu_set_t allowed;

	return sched_getaffinity(0, sizeof(allowed), &allowed) ? 1 : (unsigned)CPU_COUNT(&allowed);
}

/* Everything between "the index is open" and "it is committed". */
static int update(struct run *run, bool always)
{
	const struct config *config = run->config;

	if ((run->partial && add_asking(run)) || compare_all(run)) {
		buf_puts(run->err, "index: the list of files cannot be read\n");
		return -1;
	}
	if (run->missing_count && confirm_missing(run))
		return -1;
	list_jobs(run);
	if (!run->job_count && !run->missing_count && !always)
		return 0;
	if (index_write_begin(run->index, run->err))
		return -1;
	for (size_t i = 0; i < run->missing_count; i++) {
		if (index_remove(run->index, run->missing[i], run->err))
			return -1;
		run->report->removed++;
	}
	if (renderer_run(config, run->jobs, run->job_count, cores(), store, run, run->err) || run->failed ||
	    index_settle(run->index, config, run->err))
		return -1;
	if (run->tags.n)
		purge_promise(config, buf_view(&run->tags));
	if (index_commit(run->index, run->err))
		return -1;
	run->report->changed = true;
	return 0;
}

/* --- where ---------------------------------------------------------------------- */

static int sync_and_rename(const char *from, const char *to, struct buf *err)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	int result = fd < 0 || fsync(fd) || rename(from, to);

	if (result)
		buf_printf(err, "the index cannot be written: %s: %s\n", to, strerror(errno));
	if (fd >= 0)
		close(fd);
	return result ? -1 : 0;
}

static int read_content(struct run *run, bool partial)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	run->started = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	run->partial = partial;
	run->name_count = 0;
	for (size_t i = 0; partial && i < run->task->file_count; i++)
		if (post_is_source(str_last(str_from(run->task->files[i]), '/')))
			add_name(run, run->task->files[i]);
	return sweep_content(run, run->problems);
}

static int rebuild(struct run *run)
{
	const char *path = run->config->index;
	const char *new_path = arena_printf(&run->arena, "%s.new", path).p;

	if (run->partial && read_content(run, false))
		return -1;
	unlink(new_path);
	int result = -1;
	if (index_open_writer(new_path, run->config->fingerprint, true, &run->index, run->err) == INDEX_FINE) {
		result = update(run, true);
		index_rollback(run->index);
		index_close(run->index);
	}
	/* A journal that belonged to the old file must not be played into the new one. */
	if (!result) {
		unlink(arena_printf(&run->arena, "%s-journal", path).p);
		buf_reset(&run->tags);
		buf_puts(&run->tags, INDEX_EVERY_TAG);
		purge_promise(run->config, buf_view(&run->tags));
		result = sync_and_rename(new_path, path, run->err);
	}
	if (result)
		unlink(new_path);
	return result;
}

static int refresh(struct run *run)
{
	enum index_status status = INDEX_UNUSABLE;
	struct buf reason = BUF_EMPTY;

	if (access(run->config->index, F_OK) == 0)
		status = index_open_writer(run->config->index, run->config->fingerprint, false, &run->index,
					   &reason);
	buf_release(&reason);
	if (status != INDEX_FINE)
		return rebuild(run);
	size_t said = run->problems->n;
	purge_owed(run->config, &run->tags);
	if (run->config->purge_count)
		index_collect_tags(run->index, &run->tags);
	int result = update(run, false);
	bool damaged = index_damaged(run->index);
	index_rollback(run->index);
	index_close(run->index);
	if (damaged) {
		run->job_count = run->jobs_done = run->missing_count = run->missing_room = 0;
		*run->report = (struct indexer_report){.files = run->report->files};
		run->failed = false;
		buf_truncate(run->problems, said);
		buf_reset(run->err);
		return rebuild(run);
	}
	/* "Fresh as of now", for is_due(). */
	if (!result && !run->partial)
		utimensat(AT_FDCWD, run->config->index, NULL, 0);
	return result;
}

static bool rebuilt_meanwhile(const struct config *config, const struct stat *before)
{
	struct stat now;
	return !stat(config->index, &now) && before->st_ino && now.st_ino != before->st_ino;
}

static int run_in_memory(struct run *run, struct index **memory)
{
	if (index_open_writer(":memory:", run->config->fingerprint, true, &run->index, run->err) != INDEX_FINE)
		return -1;
	int result = update(run, true);
	if (result)
		index_close(run->index);
	else
		*memory = run->index;
	return result;
}

static void begin(struct run *run, const struct config *config, const struct indexer_task *task,
		  struct indexer_report *report, struct buf *problems, struct buf *err)
{
	*run = (struct run){.config = config, .task = task, .report = report, .problems = problems, .err = err};
	*report = (struct indexer_report){0};
	arena_init(&run->arena, 0);
}

int indexer_run(const struct config *config, enum indexer_mode mode, struct indexer_report *report,
		struct buf *problems, struct buf *err)
{
	return indexer_do(config, &(struct indexer_task){.mode = mode}, report, problems, err);
}

int indexer_do(const struct config *config, const struct indexer_task *task, struct indexer_report *report,
	       struct buf *problems, struct buf *err)
{
	enum indexer_mode mode = task->mode;
	struct run run;
	struct stat before = {0};
	int result = -1;

	begin(&run, config, task, report, problems, err);
	if (mode == INDEXER_IF_DUE && !is_due(config)) {
		report->skipped = true;
		return 0;
	}
	if (stat(config->index, &before))
		before.st_ino = 0;
	/* Where there is an index to serve from, a request waits for no other writer. */
	bool waits = mode != INDEXER_IF_DUE || !before.st_ino;
	unsigned patience = task->patience ? task->patience : INDEXLOCK_FOR_EVER;
	int lock = indexlock_take(&run.arena, config->index, waits ? patience : 0, err);
	if (lock == INDEXLOCK_BUSY) {
		report->skipped = true;
		result = waits ? -1 : 0;
	} else if (lock >= 0 && mode == INDEXER_REBUILD && rebuilt_meanwhile(config, &before)) {
		report->skipped = report->changed = true;
		result = 0;
	} else if (lock >= 0 && !read_content(&run, mode == INDEXER_FILES)) {
		result = mode == INDEXER_REBUILD ? rebuild(&run) : refresh(&run);
	}
	if (!result && !report->skipped && run.tags.n) {
		purge_send(config, buf_view(&run.tags), mode == INDEXER_IF_DUE);
		purge_promise(config, STR_LIT(""));
	}
	if (lock >= 0)
		indexlock_release(lock);
	buf_release(&run.tags);
	arena_release(&run.arena);
	return result;
}

int indexer_run_in_memory(const struct config *config, struct index **out, struct indexer_report *report,
			  struct buf *problems, struct buf *err)
{
	struct run run;

	begin(&run, config, &(struct indexer_task){.mode = INDEXER_NOW}, report, problems, err);
	int result = read_content(&run, false) ? -1 : run_in_memory(&run, out);
	arena_release(&run.arena);
	return result;
}
