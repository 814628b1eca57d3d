/* db.h: one SQLite file and its statements.
 *
 * Statements are named by the address of their text: a string constant is
 * prepared at its first use and kept.  Everything that takes a statement takes
 * NULL, too, as what db_use() gives when it cannot prepare: the step then fails.
 * A connection belongs to one process.
 */
#ifndef CARTOLINA_DB_H
#define CARTOLINA_DB_H

#include "buf.h"
#include "str.h"

#include <stdbool.h>
#include <stdint.h>

struct db;
struct db_statement;

enum db_mode {
	DB_READ,   /* and play back the journal of a writer that was killed */
	DB_WRITE,
	DB_CREATE, /* a new file, which nobody reads until it is whole: unsafe and fast */
};

/* -1 with a message in err. ":memory:" is a path. */
int db_open(const char *path, enum db_mode mode, struct db **out, struct buf *err)
	__attribute__((warn_unused_result));
void db_close(struct db *db);

/* The file turned out to be damaged: stays true. */
bool db_damaged(const struct db *db);
/* A value was read that cannot be; that is damage, unless memory ran out. */
void db_note_bad_value(struct db *db);
/* It was this moment's fault: locked for too long, or out of memory.  Until
 * db_forget_busy(). */
bool db_busy(const struct db *db);
void db_forget_busy(struct db *db);
bool db_in_transaction(const struct db *db);

/* Keeps more of the file in memory: worth it for who reads again and again. */
void db_keep_more(struct db *db);

/* Statements without parameters or rows, separated by ";". */
int db_execute(struct db *db, const char *sql) __attribute__((warn_unused_result));

struct db_statement *db_use(struct db *db, const char *constant);
/* Parameters are numbered from 1; text and bytes must live until the reset. */
void db_bind_str(struct db_statement *s, int at, struct str text);
void db_bind_bytes(struct db_statement *s, int at, struct str bytes);
void db_bind_int(struct db_statement *s, int at, int64_t value);
/* 1 for a row, 0 at the end, -1 for trouble; all but a row reset the statement. */
int db_step(struct db *db, struct db_statement *s) __attribute__((warn_unused_result));
/* One step of what gives no rows: 0 or -1. */
int db_run(struct db *db, struct db_statement *s) __attribute__((warn_unused_result));
void db_reset(struct db_statement *s);
/* All of them: after a jump out of the middle of a row. */
void db_reset_all(struct db *db);

/* Of the row, columns from 0; slices live until the next step or reset. */
struct str db_bytes(struct db_statement *s, int column);
int64_t db_int(struct db_statement *s, int column);
int64_t db_int_or(struct db_statement *s, int column, int64_t for_null);

/* From now on statements may take so many milliseconds of the processor's time
 * together.  What takes more fails, now and then a few milliseconds late; then
 * db_exhausted() is true, and nothing is damaged.  Until db_reset_all(). */
void db_limit(struct db *db, unsigned milliseconds);
bool db_exhausted(const struct db *db);

/* Makes two SQL functions for an FTS5 table of these columns:
 * weigh(TABLE, TITLE_SIZE, TEXT_SIZE): how well a row matches, a whole number, by
 * the bytes of two of its columns.  Unlike bm25() it looks at nothing but the row.
 * excerpt(TABLE, COLUMN, WORDS): so many words of that column around its hits,
 * each hit between \x02 and \x03, "…" where something is left out; its beginning
 * where it has none.  Unlike snippet() it takes time in proportion to the text. */
enum { DB_TITLE, DB_TAGS, DB_LISTS, DB_TEXT };
int db_add_text_functions(struct db *db) __attribute__((warn_unused_result));

int64_t db_last_id(const struct db *db);
/* Says what went wrong last; always -1. */
int db_failed(const struct db *db, struct buf *err);

#endif
