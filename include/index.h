/* index.h: the index: what the write side found, as the read side needs it.
 *
 * One SQLite file, derived from the content folder: it can be deleted at any
 * time.  A reader holds one read transaction for a whole request, so it never
 * sees two versions; a writer changes everything in one transaction.
 *
 * Functions that look things up return -1 when that is not possible.  If it is
 * because the file turned out to be damaged or unreadable, index_damaged() then
 * stays true and the caller is to have it rebuilt (site_mend); if memory ran
 * out or the file was locked for too long, not.  Results live in the arena.
 */
#ifndef CARTOLINA_INDEX_H
#define CARTOLINA_INDEX_H

#include "arena.h"
#include "buf.h"
#include "config.h"
#include "post.h"

#include <stdint.h>

struct index;

enum index_status {
	INDEX_FINE,
	INDEX_UNUSABLE, /* missing, damaged, or made by another version or configuration: build it */
	INDEX_FAILED,   /* cannot be opened, read or written; the reason is in err */
};

/* --- reading ---------------------------------------------------------------- */

enum index_status index_open(const char *path, uint64_t fingerprint, struct index **out, struct buf *err);
void index_close(struct index *index);

int index_begin(struct index *index);
void index_end(struct index *index);
bool index_damaged(const struct index *index);

/* Different after every change, on every machine. */
uint64_t index_generation(struct index *index);

/* The group of translations that answers at a path, drafts included: 1, or 0
 * for none.  Where two claim it, one that is public at `now` goes before one
 * that is not, then the first by file order. */
int index_find_path(struct index *index, struct arena *arena, struct str path, int64_t now, struct str *group);
/* The canonical path and language of the post that has `path` as an alias, by
 * the same rule: 1 or 0. */
int index_find_alias(struct index *index, struct arena *arena, struct str path, int64_t now,
		     struct post_head *head);

struct index_heads {
	struct post_head *at;
	size_t count;
};
/* The translations of a group, at most one a language, in the order of their
 * files. */
int index_group(struct index *index, struct arena *arena, struct str group, struct index_heads *out);
/* Every post, drafts and repeated languages too, in the order of the groups'
 * names, then of the files'. */
int index_all(struct index *index, struct arena *arena, struct index_heads *out);
int index_body(struct index *index, struct arena *arena, int64_t id, struct post_body *body);

/* Every article that is public at `now` (below a section, unless that is ""),
 * newest first; translations of one group stand next to each other. */
int index_list(struct index *index, struct arena *arena, struct str section, int64_t now,
	       struct index_heads *out);

/* Between which moments that list stays what it is at `now`, as far as time
 * alone changes it. */
struct index_times {
	int64_t last; /* when an article last appeared or expired, or TIME_ABSENT */
	int64_t next; /* when the next one will, or INT64_MAX */
};
int index_list_times(struct index *index, struct str section, int64_t now, struct index_times *out);

/* A section has something to show: 1 or 0. */
int index_has_section(struct index *index, struct str section);

/* What was wrong with each file when it was last read, in order of the files'
 * names, and how many files those are. */
int index_problems(struct index *index, struct buf *out, size_t *files);

/* --- writing ---------------------------------------------------------------- */

/* What tells that a file is still the one that was read. */
struct index_file {
	const char *file;
	int64_t inode, size, mtime, changed; /* times in nanoseconds */
	uint64_t hash;
};

/* Opens for writing; creates the file when `create`.  ":memory:" is a path. */
enum index_status index_open_writer(const char *path, uint64_t fingerprint, bool create,
				    struct index **out, struct buf *err);
int index_write_begin(struct index *index, struct buf *err) __attribute__((warn_unused_result));
/* Gives the index a new generation and commits. */
int index_commit(struct index *index, struct buf *err) __attribute__((warn_unused_result));
void index_rollback(struct index *index);

typedef void index_file_seen(void *context, const struct index_file *file);
int index_each_file(struct index *index, index_file_seen *seen, void *context);

/* All of these: -1 with a message in err. */
int index_put_file(struct index *index, const struct index_file *file, struct str problems, struct buf *err);
int index_put_post(struct index *index, struct str head, struct str body, struct buf *err);
int index_remove(struct index *index, const char *file, struct buf *err);
/* After the last change: settles what depends on several posts (dates, images
 * and tags that translations take from the default language). */
int index_settle(struct index *index, const struct config *config, struct buf *err);

#endif
