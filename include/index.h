/* index.h: the index: what the write side found, as the read side needs it.
 *
 * One SQLite file, derived from the content folder: it can be deleted at any
 * time.  A reader holds one read transaction for a whole request, so it never
 * sees two versions; a writer changes everything in one transaction.
 *
 * Functions that look things up return -1 when that is not possible.  If it is
 * because the file turned out to be damaged or unreadable, index_damaged() then
 * stays true and the caller is to have it rebuilt (site_mend); if memory ran
 * out or the file was locked for too long, not.  Results live in the arena, which
 * becomes value.h's pool.
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

/* --- lists (index_list.c) --- */

/* What an article can be listed under.  A list is in one language: of each
 * group it has the translation which a reader of that language gets, so that an
 * article stands in a list once. */
enum index_scope {
	SCOPE_ALL,
	SCOPE_SECTION, /* "posts", "posts/a": of the folder and those below it */
	SCOPE_TAG,     /* terms by their key: taxonomy_key() */
	SCOPE_CATEGORY,
	SCOPE_SERIES,
	SCOPE_AUTHOR,
	SCOPE_COUNT,
};

struct index_list {
	size_t language; /* position in the configuration */
	enum index_scope scope;
	struct str name; /* of the section, or a term's key; "" for SCOPE_ALL */
	int64_t now;

	struct str tag;      /* key of a tag that they must have, too, or "" */
	int64_t from, until; /* dates: from <= date < until */
	bool own;            /* only what is in the language itself */
	bool oldest_first;
	size_t offset, limit;
};
/* All articles that are public at `now`, newest first. */
#define INDEX_LIST(...) ((struct index_list){.name = {"", 0}, .tag = {"", 0}, .from = INT64_MIN, \
					     .until = INT64_MAX, __VA_ARGS__})

struct index_page {
	struct index_heads heads; /* `limit` of them, from `offset` */
	size_t total;             /* in the whole list */
	struct str label;         /* of a term: as authors write it */
	int64_t modified;         /* newest input of the whole list, appearing and expiring too; TIME_ABSENT if none */
	int64_t next_change;      /* when the next article appears or expires, or INT64_MAX */
};
int index_list(struct index *index, struct arena *arena, const struct index_list *list, struct index_page *out);

/* `modified` and `next_change` of all that a language has: of what is made from
 * many lists. */
int index_times(struct index *index, size_t language, int64_t now, struct index_page *out);

/* One article is in it, now: 1 or 0. */
int index_has(struct index *index, const struct index_list *list);

/* In which languages the list of a scope has anything now: available[position]. */
int index_languages(struct index *index, enum index_scope scope, struct str name, int64_t now, bool *available,
		    size_t count);

struct index_terms {
	struct index_term {
		struct str name, label; /* a section's label is "" */
		size_t count;
	} *at;
	size_t count;
};
/* The sections or terms of a language that have something to show, in order of
 * their names; of the sections those directly below `parent` ("" for the top). */
int index_terms(struct index *index, struct arena *arena, size_t language, enum index_scope scope, struct str parent,
		int64_t now, struct index_terms *out);

/* The months that have articles, newest first, as the first second of each. */
struct index_months {
	int64_t *at;
	size_t count;
};
int index_months(struct index *index, struct arena *arena, const struct index_list *list, struct index_months *out);

/* The articles before and after one in a list (in time: older, newer), at most
 * one each, and when the list changes by time alone; its limit and offset do
 * not count. */
int index_neighbours(struct index *index, struct arena *arena, const struct index_list *list,
		     const struct post_head *head, struct index_heads *older, struct index_heads *newer,
		     int64_t *next_change);

/* Those that share the rarest tags with an article, the best first. */
int index_related(struct index *index, struct arena *arena, size_t language, const struct post_head *head,
		  int64_t now, size_t limit, struct index_heads *out);

/* --- search (index_search.c) --- */

struct index_found {
	struct post_head head;
	struct str snippet; /* plain text around the hits, each between \x02 and \x03: search_snippet_html() */
};
struct index_results {
	struct index_found *at;
	size_t count;
	size_t total; /* groups; at most INDEX_FOUND_LIMIT */
};
/* More are not counted; of a word that is in more articles, the newest are taken.
 * What is not found within a tenth of a second of work is not found. */
enum { INDEX_FOUND_LIMIT = 200 };
/* The public articles that match (search_match()), the list's language first,
 * then by rank, then the newest; of each group one translation, which stands in
 * the list's section or under its terms itself.  Of the list count: language,
 * scope, name, tag, from, until, own, now, offset and limit. */
int index_search(struct index *index, struct arena *arena, const struct index_list *list, struct str match,
		 struct index_results *out);

/* --- everything, in pages --- */

/* The names of at most `limit` groups behind `after` ("" for the first), in order. */
int index_groups(struct index *index, struct arena *arena, struct str after, size_t limit, struct str **names,
		 size_t *count);

/* What was wrong with each file when it was last read, in order of the files'
 * names, and how many files those are. */
int index_problems(struct index *index, struct buf *out, size_t *files);

/* --- writing ---------------------------------------------------------------- */

/* What tells that a file is still the one that was read. */
struct index_file {
	const char *file;
	int64_t inode, size, mtime, changed; /* times in nanoseconds */
	uint64_t hash;
	struct str asked;     /* the other files that the post depends on, and how they */
	uint64_t asked_state; /* were: reference.h */
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
/* One of them: 1 or 0 */
int index_find_file(struct index *index, struct arena *arena, const char *name, struct index_file *file);
/* The files of the posts that depend on `path` (below content, with a slash in front). */
int index_each_asking(struct index *index, struct str path, index_file_seen *seen, void *context);

/* All of these: -1 with a message in err. */
int index_put_file(struct index *index, const struct index_file *file, struct str problems, struct buf *err);
/* Packed head and body, and the article's plain text for the search. */
int index_put_post(struct index *index, struct str head, struct str body, struct str text, struct buf *err);
int index_remove(struct index *index, const char *file, struct buf *err);
/* After the last change: settles what depends on several posts: dates, images
 * and tags that translations take from the default language, and the lists. */
int index_settle(struct index *index, const struct config *config, struct buf *err);

/* The tag that every page is to be found by in a cache; no group is named so. */
#define INDEX_EVERY_TAG "*"
/* From now on index_settle() adds to `tags` those of the pages (Cache-Tag) that
 * the changes touch, with spaces between them; when they are too many,
 * INDEX_EVERY_TAG alone. */
void index_collect_tags(struct index *index, struct buf *tags);

#endif
