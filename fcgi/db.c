/* db.c: the only file that knows sqlite3.h.
 *
 * Rollback journal, not WAL: a CGI process must not create and remove two more
 * files for every request, and shared hosts keep homes on network file
 * systems, where WAL does not work.  A commit keeps readers waiting for
 * milliseconds; a whole rebuild happens in another file that is renamed.
 *
 * No mmap: a truncated file would be a SIGBUS instead of an error code.
 */
#include "db.h"

#include <sqlite3.h>
#include <stdlib.h>

enum { BUSY_MILLISECONDS = 5000, MAX_STATEMENTS = 96 };

struct db {
	sqlite3 *handle;
	struct {
		const char *sql;
		sqlite3_stmt *prepared;
	} statements[MAX_STATEMENTS];
	size_t count;
	bool damaged;
	bool busy;
};

static sqlite3_stmt *of(struct db_statement *s)
{
	return (sqlite3_stmt *)s;
}

/* Codes that say something about the file, not about this moment. */
static void note(struct db *db, int code)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_IOERR:
	case SQLITE_FORMAT:
	case SQLITE_ERROR: /* a table or column is not there */
	case SQLITE_SCHEMA:
		db->damaged = true;
		break;
	case SQLITE_BUSY:
	case SQLITE_NOMEM:
		db->busy = true;
		break;
	default:
		break;
	}
}

/* SQLite gives an empty value when memory runs out. */
void db_note_bad_value(struct db *db)
{
	if (sqlite3_errcode(db->handle) != SQLITE_NOMEM)
		db->damaged = true;
}

bool db_damaged(const struct db *db)
{
	return db->damaged;
}

bool db_busy(const struct db *db)
{
	return db->busy;
}

void db_forget_busy(struct db *db)
{
	db->busy = false;
}

bool db_in_transaction(const struct db *db)
{
	return !sqlite3_get_autocommit(db->handle);
}

int db_open(const char *path, enum db_mode mode, struct db **out, struct buf *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
		    (mode == DB_CREATE ? SQLITE_OPEN_CREATE : 0);
	struct db *db = calloc(1, sizeof(*db));

	*out = NULL;
	if (!db) {
		buf_puts(err, "index: out of memory\n");
		return -1;
	}
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
		buf_printf(err, "%s: %s\n", path, db->handle ? sqlite3_errmsg(db->handle) : "out of memory");
		db_close(db);
		return -1;
	}
	sqlite3_busy_timeout(db->handle, BUSY_MILLISECONDS);
	*out = db;
	/* Spilling pages early would lock readers out for the whole transaction.
	 * What goes wrong here is found out again at the first statement. */
	if (mode != DB_READ)
		(void)!db_execute(db, "PRAGMA cache_spill = OFF; PRAGMA temp_store = MEMORY; "
				      "PRAGMA foreign_keys = ON");
	if (mode == DB_CREATE)
		(void)!db_execute(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->count; i++)
		sqlite3_finalize(db->statements[i].prepared);
	sqlite3_close(db->handle);
	free(db);
}

int db_execute(struct db *db, const char *sql)
{
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	if (code != SQLITE_OK)
		note(db, code);
	return code == SQLITE_OK ? 0 : -1;
}

struct db_statement *db_use(struct db *db, const char *constant)
{
	sqlite3_stmt *prepared;

	for (size_t i = 0; i < db->count; i++)
		if (db->statements[i].sql == constant)
			return (struct db_statement *)db->statements[i].prepared;
	if (db->count == MAX_STATEMENTS)
		return NULL;
	int code = sqlite3_prepare_v3(db->handle, constant, -1, SQLITE_PREPARE_PERSISTENT, &prepared, NULL);
	if (code != SQLITE_OK) {
		note(db, code);
		return NULL;
	}
	db->statements[db->count].sql = constant;
	db->statements[db->count++].prepared = prepared;
	return (struct db_statement *)prepared;
}

void db_bind_str(struct db_statement *s, int at, struct str text)
{
	if (s)
		sqlite3_bind_text64(of(s), at, text.n ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

void db_bind_bytes(struct db_statement *s, int at, struct str bytes)
{
	if (s)
		sqlite3_bind_blob64(of(s), at, bytes.n ? bytes.p : "", bytes.n, SQLITE_STATIC);
}

void db_bind_int(struct db_statement *s, int at, int64_t value)
{
	if (s)
		sqlite3_bind_int64(of(s), at, value);
}

int db_step(struct db *db, struct db_statement *s)
{
	if (!s)
		return -1;
	int code = sqlite3_step(of(s));
	if (code == SQLITE_ROW)
		return 1;
	sqlite3_reset(of(s));
	if (code == SQLITE_DONE)
		return 0;
	note(db, code);
	return -1;
}

int db_run(struct db *db, struct db_statement *s)
{
	int result = db_step(db, s);

	db_reset(s);
	return result < 0 ? -1 : 0;
}

void db_reset(struct db_statement *s)
{
	if (s)
		sqlite3_reset(of(s));
}

void db_reset_all(struct db *db)
{
	for (size_t i = 0; i < db->count; i++)
		sqlite3_reset(db->statements[i].prepared);
}

struct str db_bytes(struct db_statement *s, int column)
{
	const char *p = sqlite3_column_blob(of(s), column);

	return (struct str){p ? p : "", (size_t)sqlite3_column_bytes(of(s), column)};
}

int64_t db_int(struct db_statement *s, int column)
{
	return sqlite3_column_int64(of(s), column);
}

int64_t db_int_or(struct db_statement *s, int column, int64_t for_null)
{
	return sqlite3_column_type(of(s), column) == SQLITE_NULL ? for_null : db_int(s, column);
}

int64_t db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int db_failed(const struct db *db, struct buf *err)
{
	buf_printf(err, "index: %s\n", sqlite3_errmsg(db->handle));
	return -1;
}
