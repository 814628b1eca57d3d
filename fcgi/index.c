/* index.c: opening the index, and one post at a time.
 *
 * Lists are index_list.c's, searching is index_search.c's, writing
 * index_write.c's business; index_place.c keeps the rows that lists are read
 * from.  Statements are db.c's.
 */
#include "index.h"

#include "index_rows.h"
#include "postpack.h"

#include <stdlib.h>
#include <unistd.h>

/* A draft must not hide the post that it is to replace. */
#define PUBLIC_FIRST " ORDER BY draft = 0 AND publish <= ?2 AND expiry > ?2 DESC, file LIMIT 1"

static int64_t meta(struct index *index, const char *key, bool *found)
{
	struct db_statement *s = db_use(index->db, "SELECT value FROM meta WHERE key = ?1");
	int64_t value = 0;

	db_bind_str(s, 1, str_from(key));
	*found = db_step(index->db, s) == 1;
	if (*found)
		value = db_int(s, 0);
	db_reset(s);
	return value;
}

bool index_is_ours(struct index *index, uint64_t fingerprint)
{
	bool found;
	int64_t schema = meta(index, "schema", &found);

	if (!found || schema != INDEX_SCHEMA)
		return false;
	int64_t stored = meta(index, "fingerprint", &found);
	return found && (uint64_t)stored == fingerprint;
}

int index_connect(const char *path, enum db_mode mode, struct index **out, struct buf *err)
{
	struct index *index = calloc(1, sizeof(*index));

	*out = NULL;
	if (!index) {
		buf_puts(err, "index: out of memory\n");
		return -1;
	}
	if (db_open(path, mode, &index->db, err)) {
		free(index);
		return -1;
	}
	*out = index;
	return 0;
}

static int begin(struct index *index)
{
	if (db_run(index->db, db_use(index->db, "BEGIN")))
		return -1;
	index->in_transaction = true;
	return 0;
}

enum index_status index_open(const char *path, uint64_t fingerprint, struct index **out, struct buf *err)
{
	struct buf reason = BUF_EMPTY;
	enum index_status status = INDEX_FINE;

	if (index_connect(path, DB_READ, out, &reason)) {
		/* No such file, or one that only the indexer may read. */
		status = access(path, R_OK) ? INDEX_UNUSABLE : INDEX_FAILED;
		if (status == INDEX_FAILED)
			buf_str(err, buf_view(&reason));
	} else {
		/* One transaction for the schema, too: its locks cost a CGI process more
		 * than what it reads. */
		bool ours = !begin(*out) && index_is_ours(*out, fingerprint);
		index_end(*out);
		if (!ours) {
			index_close(*out);
			*out = NULL;
			status = INDEX_UNUSABLE;
		}
	}
	buf_release(&reason);
	return status;
}

void index_close(struct index *index)
{
	if (!index)
		return;
	db_close(index->db);
	free(index);
}

int index_begin(struct index *index)
{
	bool found;

	db_forget_busy(index->db);
	index_rollback(index); /* one that there was no memory to end */
	if (index->is_used && !index->keeps_more) { /* this is no CGI process */
		db_keep_more(index->db);
		index->keeps_more = true;
	}
	index->is_used = true;
	if (begin(index))
		return -1;
	/* BEGIN is lazy; reading something takes the snapshot now. */
	index->settled = meta(index, "settled", &found);
	if (found)
		return 0;
	if (!db_busy(index->db)) /* a journal that may not be played back, too */
		db_note_bad_value(index->db);
	index_end(index);
	return -1;
}

void index_end(struct index *index)
{
	db_reset_all(index->db);
	if (index->in_transaction)
		(void)!db_run(index->db, db_use(index->db, "COMMIT"));
	index->in_transaction = false;
}

bool index_damaged(const struct index *index)
{
	return db_damaged(index->db);
}

uint64_t index_generation(struct index *index)
{
	bool found;
	return (uint64_t)meta(index, "generation", &found);
}

/* --- rows ------------------------------------------------------------------------ */

/* The head in columns 0 (id) and 1 (packed); -1 when it is damaged. */
static int read_head(struct index *index, struct arena *arena, struct db_statement *s, struct post_head *head)
{
	if (postpack_read_head(arena_str(arena, db_bytes(s, 1)), head)) {
		db_note_bad_value(index->db);
		return -1;
	}
	head->id = db_int(s, 0);
	return 0;
}

/* All rows that are left. */
static int read_heads(struct index *index, struct arena *arena, struct db_statement *s, struct index_heads *out)
{
	size_t room = 0;
	int more;

	*out = (struct index_heads){0};
	while ((more = db_step(index->db, s)) == 1) {
		if (out->count == room) {
			struct post_head *grown;
			room = room ? room * 2 : 8;
			grown = arena_alloc(arena, room * sizeof(*grown));
			if (out->count)
				memcpy(grown, out->at, out->count * sizeof(*grown));
			out->at = grown;
		}
		if (read_head(index, arena, s, &out->at[out->count])) {
			db_reset(s);
			return -1;
		}
		out->count++;
	}
	return more;
}

static int read_one_head(struct index *index, struct arena *arena, struct db_statement *s, struct post_head *head)
{
	int found = db_step(index->db, s);

	if (found == 1 && read_head(index, arena, s, head))
		found = -1;
	db_reset(s);
	return found;
}

int index_head(struct index *index, struct arena *arena, int64_t id, struct post_head *head)
{
	struct db_statement *s = db_use(index->db, "SELECT id, head FROM posts WHERE id = ?1");

	db_bind_int(s, 1, id);
	return read_one_head(index, arena, s, head);
}

/* --- looking up ------------------------------------------------------------------ */

/* In C: a statement that sorts by what is public takes three times as long to prepare. */
int index_find_path(struct index *index, struct arena *arena, struct str path, int64_t now, struct str *group)
{
	struct db_statement *s =
		db_use(index->db, "SELECT grp, draft, publish, expiry FROM posts WHERE path = ?1 ORDER BY file");
	bool is_public = false;
	int found = 0, more = 0;

	db_bind_str(s, 1, path);
	while (!is_public && (more = db_step(index->db, s)) == 1) {
		is_public = !db_int(s, 1) && db_int(s, 2) <= now && db_int(s, 3) > now;
		if (is_public || !found++)
			*group = arena_str(arena, db_bytes(s, 0));
	}
	db_reset(s);
	return more < 0 ? -1 : found || is_public;
}

int index_find_alias(struct index *index, struct arena *arena, struct str path, int64_t now,
		     struct post_head *head)
{
	struct db_statement *s = db_use(index->db, "SELECT id, head FROM posts WHERE id IN "
						   "(SELECT id FROM aliases WHERE path = ?1)" PUBLIC_FIRST);

	db_bind_str(s, 1, path);
	db_bind_int(s, 2, now);
	return read_one_head(index, arena, s, head);
}

int index_group(struct index *index, struct arena *arena, struct str group, struct index_heads *out)
{
	struct db_statement *s = db_use(index->db, "SELECT id, head FROM posts WHERE grp = ?1 ORDER BY file");
	struct index_heads all;

	db_bind_str(s, 1, group);
	if (read_heads(index, arena, s, &all))
		return -1;
	out->at = all.at;
	out->count = 0;
	for (size_t i = 0; i < all.count; i++) {
		bool seen = false;
		for (size_t k = 0; k < out->count; k++)
			seen |= str_eq(out->at[k].lang, all.at[i].lang);
		if (!seen)
			out->at[out->count++] = all.at[i];
	}
	return 0;
}

int index_all(struct index *index, struct arena *arena, struct index_heads *out)
{
	return read_heads(index, arena, db_use(index->db, "SELECT id, head FROM posts ORDER BY grp, file"), out);
}

int index_body(struct index *index, struct arena *arena, int64_t id, struct post_body *body)
{
	struct db_statement *s = db_use(index->db, "SELECT body FROM bodies WHERE id = ?1");

	db_bind_int(s, 1, id);
	int found = db_step(index->db, s);
	if (found == 1 && postpack_read_body(arena_str(arena, db_bytes(s, 0)), body))
		found = 0;
	if (found == 0) /* a head without its body, or with half of it */
		db_note_bad_value(index->db);
	db_reset(s);
	return found == 1 ? 0 : -1;
}

int index_problems(struct index *index, struct buf *out, size_t *files)
{
	struct db_statement *s = db_use(index->db, "SELECT problems FROM files WHERE problems <> '' ORDER BY file");
	int more;

	*files = 0;
	while ((more = db_step(index->db, s)) == 1) {
		buf_str(out, db_bytes(s, 0));
		++*files;
	}
	return more;
}
