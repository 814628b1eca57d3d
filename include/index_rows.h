/* index_rows.h: what the index_*.c files share; for nobody else. */
#ifndef CARTOLINA_INDEX_ROWS_H
#define CARTOLINA_INDEX_ROWS_H

#include "db.h"
#include "index.h"

struct index {
	struct db *db;
	bool in_transaction; /* of a reader */
	bool is_used;        /* by a reader, who may come again */
	bool keeps_more;
	int64_t settled;     /* when its lists were last made */
	struct buf *tags;    /* of the pages that a writer changes, or NULL: index_collect_tags() */
	bool loading;        /* it is new: see index_load_texts_begin() */
};

/* To be raised with every change of the schema or of post.h. */
#define INDEX_SCHEMA 15

/* --- index.c --- */

int index_connect(const char *path, enum db_mode mode, struct index **out, struct buf *err)
	__attribute__((warn_unused_result));
/* Made by this program for this configuration. */
bool index_is_ours(struct index *index, uint64_t fingerprint);

/* One post: 1 or 0. */
int index_head(struct index *index, struct arena *arena, int64_t id, struct post_head *head);

/* --- index_list.c --- */

struct scope {
	int64_t id; /* 0: nothing was ever in it */
	int64_t count, modified;
};
int index_find_scope(struct index *index, size_t language, enum index_scope kind, struct str name,
		     struct scope *out);

/* Of an entry in scopes.newest; the group's name follows. */
struct index_newest {
	int64_t post, date, start, stop;
	uint64_t name_length;
};
enum { INDEX_NEWEST = 24 };

/* --- index_text.c: the rows that are searched, on the write side --- */

/* A new post's text; nobody finds it before index_settle_texts(). */
/* Between these what is put into a new index is gathered for the search. */
int index_load_texts_begin(struct index *index) __attribute__((warn_unused_result));
int index_load_texts_end(struct index *index, struct buf *err) __attribute__((warn_unused_result));

int index_put_text(struct index *index, int64_t id, const struct post_head *head, struct str text, struct buf *err)
	__attribute__((warn_unused_result));
int index_remove_text(struct index *index, struct str file, struct buf *err) __attribute__((warn_unused_result));
/* Makes a group's texts as its heads say: public from when to when, under which
 * terms; `date` is the group's in lists, `fresh` the bits of the heads that
 * inherited something new. */
int index_settle_texts(struct index *index, struct arena *arena, const struct index_heads *heads, struct str group,
		       int64_t date, const bool *fresh, struct buf *err) __attribute__((warn_unused_result));
/* Which tags are "in the language itself" for each of the site's languages. */
int index_settle_languages(struct index *index, const struct config *config, struct buf *err)
	__attribute__((warn_unused_result));

/* Days since the epoch are a text's row number's upper bits, so that the newest
 * are found first and finding can stop. */
enum { INDEX_TEXT_DAY = 1 << 20 };
int64_t index_text_key(int64_t date);
/* The word that stands in the column `lists` of each text that a scope has. */
enum { INDEX_TOKEN_SIZE = 18 };
void index_text_token(enum index_scope kind, struct str name, char out[INDEX_TOKEN_SIZE]);

/* --- index_touched.c: which pages a change touches --- */

/* Notes the group that a file's post is in; `is_new` when what it was is no matter. */
int index_touch(struct index *index, struct str file, bool is_new, struct buf *err)
	__attribute__((warn_unused_result));
/* After the last group is settled. */
int index_tag_touched(struct index *index, const struct config *config, struct buf *err)
	__attribute__((warn_unused_result));

/* --- index_place.c: the lists' rows, on the write side --- */

/* Puts a group into the lists as its heads say (none: takes it out of them). */
int index_place_group(struct index *index, struct arena *arena, const struct config *config, struct str group,
		      const struct index_heads *heads, struct buf *err) __attribute__((warn_unused_result));
/* The date that a group has in lists. */
int64_t index_group_date(const struct config *config, const struct index_heads *heads);
/* After the last group. */
int index_place_end(struct index *index, struct buf *err) __attribute__((warn_unused_result));

#endif
