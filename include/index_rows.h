/* index_rows.h: what the index_*.c files share; for nobody else. */
#ifndef CARTOLINA_INDEX_ROWS_H
#define CARTOLINA_INDEX_ROWS_H

#include "db.h"
#include "index.h"

struct index {
	struct db *db;
	bool in_transaction; /* of a reader */
	int64_t settled;     /* when its lists were last made */
};

/* To be raised with every change of the schema or of post.h. */
#define INDEX_SCHEMA 6

/* --- index.c --- */

int index_connect(const char *path, enum db_mode mode, struct index **out, struct buf *err)
	__attribute__((warn_unused_result));
/* Made by this program for this configuration. */
bool index_is_ours(struct index *index, uint64_t fingerprint);

/* The head in columns 0 (id) and 1 (packed); -1 when it is damaged. */
int index_read_head(struct index *index, struct arena *arena, struct db_statement *s, struct post_head *head);
/* All rows that are left. */
int index_read_heads(struct index *index, struct arena *arena, struct db_statement *s, struct index_heads *out);
/* One post: 1 or 0. */
int index_head(struct index *index, struct arena *arena, int64_t id, struct post_head *head);

/* --- index_search.c --- */

int index_put_text(struct index *index, int64_t id, const struct post_head *head, struct str text, struct buf *err)
	__attribute__((warn_unused_result));

/* --- index_place.c: the lists' rows, on the write side --- */

/* Puts a group into the lists as its heads say (none: takes it out of them). */
int index_place_group(struct index *index, struct arena *arena, const struct config *config, struct str group,
		      const struct index_heads *heads, struct buf *err) __attribute__((warn_unused_result));
/* After the last group. */
int index_place_end(struct index *index, struct buf *err) __attribute__((warn_unused_result));

#endif
