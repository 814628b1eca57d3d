/* index.c: the only file that knows sqlite3.h: schema, statements, damage.
 *
 * Rollback journal, not WAL: a CGI process must not create and remove two more
 * files for every request, and shared hosts keep homes on network file
 * systems, where WAL does not work.  A commit keeps readers waiting for
 * milliseconds; a whole rebuild happens in another file that is renamed.
 *
 * No mmap: a truncated file would be a SIGBUS instead of an error code.
 */
#include "index.h"

#include "hash.h"
#include "post_path.h"
#include "postpack.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define INDEX_SCHEMA 4 /* raise it with every change of the schema or of post.h */
enum { APPLICATION_ID = 0x43617274 /* "Cart" */, BUSY_MILLISECONDS = 5000 };

static const char SCHEMA[] =
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE files(file TEXT PRIMARY KEY, inode INTEGER, size INTEGER, mtime INTEGER,"
	" changed INTEGER, hash INTEGER, problems TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE posts(id INTEGER PRIMARY KEY, file TEXT NOT NULL UNIQUE, grp TEXT NOT NULL,"
	" lang TEXT NOT NULL, path TEXT NOT NULL, section TEXT NOT NULL, kind INTEGER NOT NULL,"
	" date INTEGER NOT NULL, publish INTEGER NOT NULL, expiry INTEGER NOT NULL,"
	" draft INTEGER NOT NULL, head BLOB NOT NULL);"
	"CREATE INDEX posts_group ON posts(grp, file);"
	"CREATE INDEX posts_path ON posts(path, file);"
	"CREATE INDEX posts_date ON posts(kind, date DESC, grp, file);"
	"CREATE INDEX posts_section ON posts(kind, section, date DESC, grp, file);"
	"CREATE INDEX posts_publish ON posts(publish) WHERE kind = 0 AND draft = 0;"
	"CREATE INDEX posts_expiry ON posts(expiry) WHERE kind = 0 AND draft = 0;"
	"CREATE TABLE bodies(id INTEGER PRIMARY KEY REFERENCES posts(id) ON DELETE CASCADE, body BLOB NOT NULL);"
	"CREATE TABLE aliases(path TEXT NOT NULL, id INTEGER NOT NULL REFERENCES posts(id) ON DELETE CASCADE,"
	" PRIMARY KEY(path, id)) WITHOUT ROWID;"
	"CREATE INDEX aliases_id ON aliases(id);"
	/* Groups that index_settle has to look at before the commit. */
	"CREATE TABLE touched(grp TEXT PRIMARY KEY) WITHOUT ROWID;";

/* A draft must not hide the post that it is to replace. */
#define PUBLIC_FIRST " ORDER BY draft = 0 AND publish <= ?2 AND expiry > ?2 DESC, file LIMIT 1"

#define LIST_COLUMNS "SELECT id, head FROM posts WHERE kind = 0 "
#define LIST_TAIL "AND draft = 0 AND publish <= ?2 AND expiry > ?2 ORDER BY date DESC, grp, file"

/* The nearest time before or after ?2 at which an article of section ?1 ("" for
 * all) appears or expires. */
#define TIME_NEXT_TO(column, comparison, order)                                                       \
	"(SELECT " column " FROM posts WHERE kind = 0 AND draft = 0 AND " column comparison " ?2 "    \
	"AND (?1 = '' OR section = ?1) ORDER BY " column order " LIMIT 1)"

/* clang-format off */
#define STATEMENTS(X)                                                                                 \
	X(BEGIN, "BEGIN")                                                                             \
	X(BEGIN_WRITE, "BEGIN IMMEDIATE")                                                             \
	X(COMMIT, "COMMIT")                                                                           \
	X(ROLLBACK, "ROLLBACK")                                                                       \
	X(META, "SELECT value FROM meta WHERE key = ?1")                                              \
	X(SET_META, "INSERT OR REPLACE INTO meta VALUES(?1, ?2)")                                     \
	X(FIND_PATH, "SELECT grp FROM posts WHERE path = ?1" PUBLIC_FIRST)                            \
	X(FIND_ALIAS, "SELECT id, head FROM posts WHERE id IN (SELECT id FROM aliases WHERE path = ?1)" \
		      PUBLIC_FIRST)                                                                   \
	X(ALL, "SELECT id, head FROM posts ORDER BY grp, file")                                       \
	X(GROUP, "SELECT id, head FROM posts WHERE grp = ?1 ORDER BY file")                           \
	X(BODY, "SELECT body FROM bodies WHERE id = ?1")                                              \
	X(LIST, LIST_COLUMNS LIST_TAIL)                                                               \
	X(LIST_SECTION, LIST_COLUMNS "AND section = ?1 " LIST_TAIL)                                   \
	X(LIST_TIMES, "SELECT " TIME_NEXT_TO("publish", "<=", " DESC") ", "                           \
		      TIME_NEXT_TO("expiry", "<=", " DESC") ", " TIME_NEXT_TO("publish", ">", "") "," \
		      TIME_NEXT_TO("expiry", ">", ""))                                                \
	X(HAS_SECTION, "SELECT 1 FROM posts WHERE kind IN (0, 1) AND section = ?1 LIMIT 1")           \
	X(FILES, "SELECT file, inode, size, mtime, changed, hash FROM files")                         \
	X(PROBLEMS, "SELECT problems FROM files WHERE problems <> '' ORDER BY file")                  \
	X(PUT_FILE, "INSERT OR REPLACE INTO files VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")                \
	X(REMOVE_FILE, "DELETE FROM files WHERE file = ?1")                                           \
	X(TOUCH, "INSERT OR IGNORE INTO touched SELECT grp FROM posts WHERE file = ?1")               \
	X(REMOVE_POST, "DELETE FROM posts WHERE file = ?1")                                           \
	X(PUT_POST, "INSERT INTO posts(file, grp, lang, path, section, kind, date, publish, expiry,"  \
		    " draft, head) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")             \
	X(PUT_BODY, "INSERT INTO bodies VALUES(?1, ?2)")                                              \
	X(PUT_ALIAS, "INSERT OR IGNORE INTO aliases VALUES(?1, ?2)")                                  \
	X(TOUCHED, "SELECT grp FROM touched")                                                         \
	X(UNTOUCH, "DELETE FROM touched")                                                             \
	X(SET_GROUP_DATE, "UPDATE posts SET date = ?2 WHERE grp = ?1 AND date <> ?2")                 \
	X(SET_HEAD, "UPDATE posts SET publish = ?2, expiry = ?3, path = ?4, head = ?5 WHERE id = ?1")
/* clang-format on */

#define STATEMENT_NAME(name, sql) Q_##name,
#define STATEMENT_SQL(name, sql) sql,
enum statement { STATEMENTS(STATEMENT_NAME) STATEMENT_COUNT };
static const char *const SQL[] = {STATEMENTS(STATEMENT_SQL)};

struct index {
	sqlite3 *db;
	sqlite3_stmt *statement[STATEMENT_COUNT];
	bool damaged;
	bool busy; /* it was this moment's fault */
	bool in_transaction;
};

/* --- statements --------------------------------------------------------------- */

/* A value that cannot be: but SQLite gives an empty one when memory runs out. */
static void note_bad_value(struct index *index)
{
	if (sqlite3_errcode(index->db) != SQLITE_NOMEM)
		index->damaged = true;
}

/* Codes that say something about the file, not about this moment. */
static void note_damage(struct index *index, int code)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_IOERR:
	case SQLITE_FORMAT:
	case SQLITE_ERROR: /* a table or column is not there */
	case SQLITE_SCHEMA:
		index->damaged = true;
		break;
	case SQLITE_BUSY:
	case SQLITE_NOMEM:
		index->busy = true;
		break;
	default:
		break;
	}
}

/* A statement ready to be bound, or NULL. */
static sqlite3_stmt *use(struct index *index, enum statement which)
{
	sqlite3_stmt **s = &index->statement[which];

	if (!*s) {
		int code = sqlite3_prepare_v3(index->db, SQL[which], -1, SQLITE_PREPARE_PERSISTENT, s, NULL);
		if (code != SQLITE_OK) {
			note_damage(index, code);
			return NULL;
		}
	}
	return *s;
}

static void bind_str(sqlite3_stmt *s, int at, struct str text)
{
	sqlite3_bind_text64(s, at, text.n ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

static struct str column_bytes(sqlite3_stmt *s, int column)
{
	const char *p = sqlite3_column_blob(s, column);
	return (struct str){p ? p : "", (size_t)sqlite3_column_bytes(s, column)};
}

/* 1 for a row, 0 at the end, -1 for trouble; resets the statement but after a row. */
static int step(struct index *index, sqlite3_stmt *s)
{
	if (!s)
		return -1;
	int code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		return 1;
	sqlite3_reset(s);
	if (code == SQLITE_DONE)
		return 0;
	note_damage(index, code);
	return -1;
}

static int run(struct index *index, enum statement which)
{
	return step(index, use(index, which)) == 0 ? 0 : -1;
}

static int failed(struct index *index, struct buf *err)
{
	buf_printf(err, "index: %s\n", sqlite3_errmsg(index->db));
	return -1;
}

/* --- opening -------------------------------------------------------------------- */

static int64_t meta(struct index *index, const char *key, bool *found)
{
	sqlite3_stmt *s = use(index, Q_META);
	int64_t value = 0;

	*found = false;
	if (!s)
		return 0;
	bind_str(s, 1, str_from(key));
	if (step(index, s) == 1) {
		value = sqlite3_column_int64(s, 0);
		*found = true;
	}
	sqlite3_reset(s);
	return value;
}

static int set_meta(struct index *index, const char *key, int64_t value)
{
	sqlite3_stmt *s = use(index, Q_SET_META);

	if (!s)
		return -1;
	bind_str(s, 1, str_from(key));
	sqlite3_bind_int64(s, 2, value);
	return step(index, s) == 0 ? 0 : -1;
}

/* Made by this program for this configuration? */
static bool is_ours(struct index *index, uint64_t fingerprint)
{
	bool found;
	int64_t schema = meta(index, "schema", &found);

	if (!found || schema != INDEX_SCHEMA)
		return false;
	int64_t stored = meta(index, "fingerprint", &found);
	return found && (uint64_t)stored == fingerprint;
}

static enum index_status open_database(const char *path, int flags, struct index **out, struct buf *err)
{
	struct index *index = calloc(1, sizeof(*index));

	*out = NULL;
	if (!index) {
		buf_puts(err, "index: out of memory\n");
		return INDEX_FAILED;
	}
	int code = sqlite3_open_v2(path, &index->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (code != SQLITE_OK) {
		buf_printf(err, "%s: %s\n", path, index->db ? sqlite3_errmsg(index->db) : "out of memory");
		index_close(index);
		return INDEX_FAILED;
	}
	sqlite3_busy_timeout(index->db, BUSY_MILLISECONDS);
	*out = index;
	return INDEX_FINE;
}

enum index_status index_open(const char *path, uint64_t fingerprint, struct index **out, struct buf *err)
{
	/* Not read-only: the first reader after a writer was killed has to roll
	 * its journal back.  SQLite itself falls back to reading only. */
	struct buf ignored = BUF_EMPTY;
	enum index_status status = open_database(path, SQLITE_OPEN_READWRITE, out, &ignored);

	if (status != INDEX_FINE) {
		/* No such file, or one that only the indexer may read. */
		FILE *readable = fopen(path, "rbe");
		if (readable)
			fclose(readable);
		else
			status = INDEX_UNUSABLE;
		if (status == INDEX_FAILED)
			buf_str(err, buf_view(&ignored));
		buf_release(&ignored);
		return status;
	}
	buf_release(&ignored);
	if (!is_ours(*out, fingerprint)) {
		index_close(*out);
		*out = NULL;
		return INDEX_UNUSABLE;
	}
	return INDEX_FINE;
}

void index_close(struct index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(index->statement[i]);
	sqlite3_close(index->db);
	free(index);
}

int index_begin(struct index *index)
{
	bool found;

	index->busy = false;
	index_rollback(index); /* one that there was no memory to end */
	if (run(index, Q_BEGIN))
		return -1;
	index->in_transaction = true;
	/* BEGIN is lazy; reading something takes the snapshot now. */
	meta(index, "generation", &found);
	if (found)
		return 0;
	index->damaged |= !index->busy; /* a journal that may not be played back, too */
	index_end(index);
	return -1;
}

void index_end(struct index *index)
{
	/* After an out-of-memory jump statements may be in the middle of a row. */
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		if (index->statement[i])
			sqlite3_reset(index->statement[i]);
	if (index->in_transaction)
		run(index, Q_COMMIT);
	index->in_transaction = false;
}

bool index_damaged(const struct index *index)
{
	return index->damaged;
}

uint64_t index_generation(struct index *index)
{
	bool found;
	return (uint64_t)meta(index, "generation", &found);
}

/* --- looking up ------------------------------------------------------------------ */

int index_find_path(struct index *index, struct arena *arena, struct str path, int64_t now, struct str *group)
{
	sqlite3_stmt *s = use(index, Q_FIND_PATH);

	if (!s)
		return -1;
	bind_str(s, 1, path);
	sqlite3_bind_int64(s, 2, now);
	int found = step(index, s);
	if (found == 1) {
		*group = arena_str(arena, column_bytes(s, 0));
		sqlite3_reset(s);
	}
	return found;
}

static int read_head(struct index *index, struct arena *arena, sqlite3_stmt *s, struct post_head *head)
{
	if (postpack_read_head(arena_str(arena, column_bytes(s, 1)), head)) {
		note_bad_value(index);
		return -1;
	}
	head->id = sqlite3_column_int64(s, 0);
	return 0;
}

int index_find_alias(struct index *index, struct arena *arena, struct str path, int64_t now,
		     struct post_head *head)
{
	sqlite3_stmt *s = use(index, Q_FIND_ALIAS);

	if (!s)
		return -1;
	bind_str(s, 1, path);
	sqlite3_bind_int64(s, 2, now);
	int found = step(index, s);
	if (found == 1 && read_head(index, arena, s, head))
		found = -1;
	sqlite3_reset(s);
	return found;
}

static int read_heads(struct index *index, struct arena *arena, sqlite3_stmt *s, struct index_heads *out)
{
	size_t room = 0;
	int more;

	*out = (struct index_heads){0};
	while ((more = step(index, s)) == 1) {
		if (out->count == room) {
			struct post_head *grown;
			room = room ? room * 2 : 8;
			grown = arena_alloc(arena, room * sizeof(*grown));
			if (out->count)
				memcpy(grown, out->at, out->count * sizeof(*grown));
			out->at = grown;
		}
		if (read_head(index, arena, s, &out->at[out->count])) {
			sqlite3_reset(s);
			return -1;
		}
		out->count++;
	}
	return more;
}

int index_group(struct index *index, struct arena *arena, struct str group, struct index_heads *out)
{
	sqlite3_stmt *s = use(index, Q_GROUP);
	struct index_heads all;

	if (!s)
		return -1;
	bind_str(s, 1, group);
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
	sqlite3_stmt *s = use(index, Q_ALL);

	return s ? read_heads(index, arena, s, out) : -1;
}

int index_body(struct index *index, struct arena *arena, int64_t id, struct post_body *body)
{
	sqlite3_stmt *s = use(index, Q_BODY);

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, id);
	int found = step(index, s);
	if (found == 1 && !postpack_read_body(arena_str(arena, column_bytes(s, 0)), body)) {
		sqlite3_reset(s);
		return 0;
	}
	if (found >= 0) /* a head without its body, or with half of it */
		note_bad_value(index);
	sqlite3_reset(s);
	return -1;
}

int index_list(struct index *index, struct arena *arena, struct str section, int64_t now, struct index_heads *out)
{
	sqlite3_stmt *s = use(index, section.n ? Q_LIST_SECTION : Q_LIST);

	if (!s)
		return -1;
	if (section.n)
		bind_str(s, 1, section);
	sqlite3_bind_int64(s, 2, now);
	return read_heads(index, arena, s, out);
}

static int64_t column_or(sqlite3_stmt *s, int column, int64_t otherwise)
{
	return sqlite3_column_type(s, column) == SQLITE_NULL ? otherwise : sqlite3_column_int64(s, column);
}

int index_list_times(struct index *index, struct str section, int64_t now, struct index_times *out)
{
	sqlite3_stmt *s = use(index, Q_LIST_TIMES);

	if (!s)
		return -1;
	bind_str(s, 1, section);
	sqlite3_bind_int64(s, 2, now);
	if (step(index, s) != 1)
		return -1;
	int64_t appeared = column_or(s, 0, TIME_ABSENT), expired = column_or(s, 1, TIME_ABSENT);
	int64_t appears = column_or(s, 2, INT64_MAX), expires = column_or(s, 3, INT64_MAX);
	out->last = appeared > expired ? appeared : expired;
	out->next = appears < expires ? appears : expires;
	sqlite3_reset(s);
	return 0;
}

int index_has_section(struct index *index, struct str section)
{
	sqlite3_stmt *s = use(index, Q_HAS_SECTION);

	if (!s)
		return -1;
	bind_str(s, 1, section);
	int found = step(index, s);
	sqlite3_reset(s);
	return found;
}

/* --- writing ----------------------------------------------------------------------- */

static int execute(struct index *index, const char *sql)
{
	int code = sqlite3_exec(index->db, sql, NULL, NULL, NULL);
	if (code != SQLITE_OK)
		note_damage(index, code);
	return code == SQLITE_OK ? 0 : -1;
}

static int create_schema(struct index *index, uint64_t fingerprint)
{
	char pragma[64];

	snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d", APPLICATION_ID);
	return execute(index, pragma) || execute(index, SCHEMA) || set_meta(index, "schema", INDEX_SCHEMA) ||
	       set_meta(index, "fingerprint", (int64_t)fingerprint) || set_meta(index, "generation", 0);
}

enum index_status index_open_writer(const char *path, uint64_t fingerprint, bool create,
				    struct index **out, struct buf *err)
{
	int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
	enum index_status status = open_database(path, flags, out, err);

	if (status != INDEX_FINE)
		return status;
	/* Spilling pages early would lock readers out for the whole transaction. */
	if (execute(*out, "PRAGMA cache_spill = OFF; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON"))
		status = INDEX_UNUSABLE;
	else if (create) /* nobody reads this file until it is whole */
		status = execute(*out, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF") ||
				 create_schema(*out, fingerprint) ? INDEX_FAILED : INDEX_FINE;
	else if (!is_ours(*out, fingerprint))
		status = INDEX_UNUSABLE;
	if (status == INDEX_FINE)
		return status;
	if (status == INDEX_FAILED)
		failed(*out, err);
	index_close(*out);
	*out = NULL;
	return status;
}

int index_write_begin(struct index *index, struct buf *err)
{
	return run(index, Q_BEGIN_WRITE) ? failed(index, err) : 0;
}

int index_commit(struct index *index, struct buf *err)
{
	struct timespec t;
	bool found;

	clock_gettime(CLOCK_REALTIME, &t);
	int64_t generation = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	int64_t last = meta(index, "generation", &found);
	if (generation <= last)
		generation = last + 1;
	if (set_meta(index, "generation", generation) || run(index, Q_COMMIT))
		return failed(index, err);
	return 0;
}

void index_rollback(struct index *index)
{
	if (!sqlite3_get_autocommit(index->db))
		run(index, Q_ROLLBACK);
}

int index_each_file(struct index *index, index_file_seen *seen, void *context)
{
	sqlite3_stmt *s = use(index, Q_FILES);
	int more = -1;

	while (s && (more = step(index, s)) == 1) {
		struct index_file file = {
			.file = (const char *)sqlite3_column_text(s, 0),
			.inode = sqlite3_column_int64(s, 1),
			.size = sqlite3_column_int64(s, 2),
			.mtime = sqlite3_column_int64(s, 3),
			.changed = sqlite3_column_int64(s, 4),
			.hash = (uint64_t)sqlite3_column_int64(s, 5),
		};
		if (!file.file) { /* NOT NULL in a sound file */
			note_bad_value(index);
			sqlite3_reset(s);
			return -1;
		}
		seen(context, &file);
	}
	return more;
}

int index_problems(struct index *index, struct buf *out, size_t *files)
{
	sqlite3_stmt *s = use(index, Q_PROBLEMS);
	int more = -1;

	*files = 0;
	while (s && (more = step(index, s)) == 1) {
		buf_str(out, column_bytes(s, 0));
		++*files;
	}
	return more;
}

int index_put_file(struct index *index, const struct index_file *file, struct str problems, struct buf *err)
{
	sqlite3_stmt *s = use(index, Q_PUT_FILE);

	if (!s)
		return failed(index, err);
	bind_str(s, 1, str_from(file->file));
	sqlite3_bind_int64(s, 2, file->inode);
	sqlite3_bind_int64(s, 3, file->size);
	sqlite3_bind_int64(s, 4, file->mtime);
	sqlite3_bind_int64(s, 5, file->changed);
	sqlite3_bind_int64(s, 6, (int64_t)file->hash);
	bind_str(s, 7, problems);
	return step(index, s) == 0 ? 0 : failed(index, err);
}

/* One text parameter, no result. */
static int run_on(struct index *index, enum statement which, struct str text, struct buf *err)
{
	sqlite3_stmt *s = use(index, which);

	if (!s)
		return failed(index, err);
	bind_str(s, 1, text);
	return step(index, s) == 0 ? 0 : failed(index, err);
}

static int put_aliases(struct index *index, int64_t id, struct str json, struct buf *err)
{
	struct arena arena;
	int result = 0;

	arena_init(&arena, 0);
	value_pool(&arena);
	const struct value *list = value_read(json, err);
	for (size_t i = 0; !result && i < value_count(list); i++) {
		sqlite3_stmt *s = use(index, Q_PUT_ALIAS);
		if (!s) {
			result = failed(index, err);
			break;
		}
		bind_str(s, 1, value_text(value_at(list, i)));
		sqlite3_bind_int64(s, 2, id);
		result = step(index, s) == 0 ? 0 : failed(index, err);
	}
	arena_release(&arena);
	return result;
}

static int64_t publish_time(const struct post_head *head)
{
	return head->publish != TIME_ABSENT ? head->publish : head->date;
}

static int64_t expiry_time(const struct post_head *head)
{
	return head->expiry != TIME_ABSENT ? head->expiry : INT64_MAX;
}

static int insert_post(struct index *index, const struct post_head *head, struct str packed, struct buf *err)
{
	sqlite3_stmt *s = use(index, Q_PUT_POST);

	if (!s)
		return failed(index, err);
	bind_str(s, 1, head->file);
	bind_str(s, 2, head->group);
	bind_str(s, 3, head->lang);
	bind_str(s, 4, head->path);
	bind_str(s, 5, head->section);
	sqlite3_bind_int64(s, 6, head->kind);
	sqlite3_bind_int64(s, 7, head->date);
	sqlite3_bind_int64(s, 8, publish_time(head));
	sqlite3_bind_int64(s, 9, expiry_time(head));
	sqlite3_bind_int64(s, 10, head->draft);
	sqlite3_bind_blob64(s, 11, packed.p, packed.n, SQLITE_STATIC);
	return step(index, s) == 0 ? 0 : failed(index, err);
}

int index_put_post(struct index *index, struct str packed_head, struct str packed_body, struct buf *err)
{
	struct post_head head;

	if (postpack_read_head(packed_head, &head)) {
		buf_puts(err, "index: a renderer's answer is damaged\n");
		return -1;
	}
	/* The old group first: the file may have left it. */
	if (run_on(index, Q_TOUCH, head.file, err) || run_on(index, Q_REMOVE_POST, head.file, err) ||
	    insert_post(index, &head, packed_head, err))
		return -1;
	int64_t id = sqlite3_last_insert_rowid(index->db);
	sqlite3_stmt *s = use(index, Q_PUT_BODY);
	if (!s)
		return failed(index, err);
	sqlite3_bind_int64(s, 1, id);
	sqlite3_bind_blob64(s, 2, packed_body.p, packed_body.n, SQLITE_STATIC);
	if (step(index, s))
		return failed(index, err);
	return put_aliases(index, id, head.aliases, err) || run_on(index, Q_TOUCH, head.file, err) ? -1 : 0;
}

int index_remove(struct index *index, const char *file, struct buf *err)
{
	struct str name = str_from(file);

	return run_on(index, Q_TOUCH, name, err) || run_on(index, Q_REMOVE_POST, name, err) ||
	       run_on(index, Q_REMOVE_FILE, name, err) ? -1 : 0;
}

/* --- settling ------------------------------------------------------------------------ */

static bool inherit(struct arena *arena, struct post_head *head, const struct post_head *from)
{
	struct post_head before = *head;

	if (head->inherits & INHERIT_DATE)
		head->date = from ? from->date : TIME_ABSENT;
	if (head->inherits & INHERIT_IMAGES) {
		head->images = from ? from->images : STR_LIT("[]");
		head->twitter_image = from ? from->twitter_image : STR_LIT("");
	}
	if (head->inherits & INHERIT_TAGS)
		head->tags = from ? from->tags : STR_LIT("[]");
	post_path_settle(arena, head);
	return before.date != head->date || !str_eq(before.images, head->images) ||
	       !str_eq(before.twitter_image, head->twitter_image) || !str_eq(before.tags, head->tags) ||
	       !str_eq(before.path, head->path);
}

static int write_head(struct index *index, const struct post_head *head, struct buf *err)
{
	struct buf packed = BUF_EMPTY;
	sqlite3_stmt *s = use(index, Q_SET_HEAD);
	int result = -1;

	postpack_head(head, &packed);
	if (s) {
		sqlite3_bind_int64(s, 1, head->id);
		sqlite3_bind_int64(s, 2, publish_time(head));
		sqlite3_bind_int64(s, 3, expiry_time(head));
		bind_str(s, 4, head->path);
		sqlite3_bind_blob64(s, 5, packed.p, packed.n, SQLITE_STATIC);
		result = step(index, s);
	}
	buf_release(&packed);
	return result == 0 ? 0 : failed(index, err);
}

/* Lists are ordered by one date for a whole group: the default language's, or
 * the newest, so that translations stand together. */
static int set_group_date(struct index *index, const struct index_heads *heads, const struct post_head *from,
			  struct buf *err)
{
	sqlite3_stmt *s = use(index, Q_SET_GROUP_DATE);
	int64_t date = from ? from->date : TIME_ABSENT;

	for (size_t i = 0; !from && i < heads->count; i++)
		if (heads->at[i].date > date)
			date = heads->at[i].date;
	if (!s)
		return failed(index, err);
	bind_str(s, 1, heads->at[0].group);
	sqlite3_bind_int64(s, 2, date);
	return step(index, s) == 0 ? 0 : failed(index, err);
}

static int settle_group(struct index *index, struct arena *arena, const char *language, struct str group,
			struct buf *err)
{
	struct index_heads heads;
	const struct post_head *from = NULL;

	if (index_group(index, arena, group, &heads))
		return failed(index, err);
	for (size_t i = 0; i < heads.count; i++)
		if (str_is(heads.at[i].lang, language))
			from = &heads.at[i];
	for (size_t i = 0; i < heads.count; i++)
		if (&heads.at[i] != from && inherit(arena, &heads.at[i], from) && write_head(index, &heads.at[i], err))
			return -1;
	return heads.count ? set_group_date(index, &heads, from, err) : 0;
}

int index_settle(struct index *index, const struct config *config, struct buf *err)
{
	sqlite3_stmt *s = use(index, Q_TOUCHED);
	struct arena arena;
	int more = -1, result = 0;

	arena_init(&arena, 0);
	while (s && !result && (more = step(index, s)) == 1) {
		result = settle_group(index, &arena, config->languages[0].tag,
				      arena_str(&arena, column_bytes(s, 0)), err);
		arena_reset(&arena);
	}
	if (s)
		sqlite3_reset(s);
	arena_release(&arena);
	if (result || more < 0)
		return result ? result : failed(index, err);
	return run(index, Q_UNTOUCH) ? failed(index, err) : 0;
}
