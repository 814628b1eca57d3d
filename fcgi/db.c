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
#include <time.h>

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
	bool has_text_functions;
	bool exhausted;
	int64_t deadline; /* nanoseconds of the process's time: db_limit() */
};

static sqlite3_stmt *of(struct db_statement *s)
{
	return (sqlite3_stmt *)s;
}

/* Codes that say something about the file, not about this moment. */
static void note(struct db *db, int code)
{
	if (db->exhausted) /* FTS5 takes the interruption for damage, too */
		return;
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

/* A CGI process pays for what SQLite sets up for long-running, threaded
 * programs: locks, accounts of its memory, 20 pages of cache touched at once.
 * There are no threads here.  After the first connection this does nothing. */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
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
	configure();
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
		buf_printf(err, "%s: %s\n", path, db->handle ? sqlite3_errmsg(db->handle) : "out of memory");
		db_close(db);
		return -1;
	}
	sqlite3_busy_timeout(db->handle, BUSY_MILLISECONDS);
	*out = db;
	/* Spilling pages early would lock readers out for the whole transaction; a new
	 * file has none, and may be larger than the memory.  What goes wrong here is
	 * found out again at the first statement. */
	if (mode != DB_READ)
		(void)!db_execute(db, "PRAGMA foreign_keys = ON");
	if (mode == DB_WRITE)
		(void)!db_execute(db, "PRAGMA cache_spill = OFF; PRAGMA temp_store = MEMORY");
	if (mode == DB_CREATE)
		(void)!db_execute(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; "
				      "PRAGMA cache_size = -32768" /* KiB */);
	if (mode == DB_CREATE && path[0] == ':') /* there may be no place for any file */
		(void)!db_execute(db, "PRAGMA temp_store = MEMORY");
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

/* The inner pages of all tables of a hundred thousand posts, twice: with SQLite's
 * 2,000 KiB each lookup pushes those of the next one out. */
void db_keep_more(struct db *db)
{
	(void)!db_execute(db, "PRAGMA cache_size = -6144" /* KiB */);
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
	db->exhausted = false;
	sqlite3_progress_handler(db->handle, 0, NULL, NULL);
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

/* --- how long it may take --------------------------------------------------------------- */

enum { STEPS_BETWEEN = 200 }; /* two looks at the clock */

static int64_t own_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int is_late(void *context)
{
	struct db *db = context;

	db->exhausted |= own_time() >= db->deadline;
	return db->exhausted;
}

void db_limit(struct db *db, unsigned milliseconds)
{
	db->exhausted = false;
	db->deadline = own_time() + (int64_t)milliseconds * 1000000;
	/* FTS5 takes some steps for each page that it reads. */
	sqlite3_progress_handler(db->handle, STEPS_BETWEEN, is_late, db);
}

bool db_exhausted(const struct db *db)
{
	return db->exhausted;
}

/* --- how well a row matches ------------------------------------------------------------ */

enum { WEIGH_COLUMNS = 4, WEIGH_PHRASES = 48 /* the rest is passed over */ };

/* What a hit in a column counts, and the bytes that are neither much nor little
 * for it: constants, for FTS5 looks up each size, and those of all rows, one by one. */
static const struct {
	double weight, usual; /* usual: 0 where the size is no matter */
} WEIGHED[WEIGH_COLUMNS] = {
	[DB_TITLE] = {8, 40},
	[DB_TAGS] = {4, 0},
	[DB_TEXT] = {1, 4000},
};

/* BM25's measure of how often a phrase is there: k1 is 1.2, b is 0.75. */
static double saturate(double hits, double size, double usual)
{
	return hits / (hits + 1.2 * (0.25 + 0.75 * (usual > 0 ? size / usual : 1)));
}

static int count_hits(const Fts5ExtensionApi *api, Fts5Context *fts, int hits[WEIGH_COLUMNS][WEIGH_PHRASES],
		      int phrases)
{
	int count, code = api->xInstCount(fts, &count);

	for (int i = 0; i < WEIGH_COLUMNS; i++)
		memset(hits[i], 0, (size_t)phrases * sizeof(hits[i][0]));
	for (int i = 0; code == SQLITE_OK && i < count; i++) {
		int phrase, column, offset;
		code = api->xInst(fts, i, &phrase, &column, &offset);
		if (code == SQLITE_OK && phrase < phrases && column < WEIGH_COLUMNS)
			hits[column][phrase]++;
	}
	return code;
}

static void weigh(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *out, int count,
		  sqlite3_value **sizes)
{
	int hits[WEIGH_COLUMNS][WEIGH_PHRASES], phrases = api->xPhraseCount(fts), code;
	double score = 0, size[WEIGH_COLUMNS] = {0};

	phrases = phrases < WEIGH_PHRASES ? phrases : WEIGH_PHRASES;
	code = count == 2 ? count_hits(api, fts, hits, phrases) : SQLITE_MISUSE;
	if (code != SQLITE_OK) {
		sqlite3_result_error_code(out, code);
		return;
	}
	size[DB_TITLE] = sqlite3_value_double(sizes[0]);
	size[DB_TEXT] = sqlite3_value_double(sizes[1]);
	for (int i = 0; i < WEIGH_COLUMNS; i++)
		for (int phrase = 0; phrase < phrases; phrase++)
			if (hits[i][phrase])
				score += WEIGHED[i].weight * saturate(hits[i][phrase], size[i], WEIGHED[i].usual);
	/* Whole: what is all but equal is to be equal. */
	sqlite3_result_int64(out, (sqlite3_int64)(score * 1000));
}

/* --- words around the hits ----------------------------------------------------------------- */

struct window {
	int first, last; /* words: first <= word < last */
	int column;
	int hit, hits; /* instance to come, and how many there are */
	int word;      /* the next */
	int short_words;
	int hit_end;   /* the word after the hits that are open; -1: none is */
	int written;   /* bytes of the text */
	const Fts5ExtensionApi *api;
	Fts5Context *fts;
	const char *text;
	int n; /* bytes of text */
	int at_end; /* of the last word */
	struct buf out;
};

struct instance {
	int phrase, column, begin, end;
};

static int get_instance(const struct window *w, int at, struct instance *out)
{
	int code = w->api->xInst(w->fts, at, &out->phrase, &out->column, &out->begin);

	out->end = out->begin + (code == SQLITE_OK ? w->api->xPhraseSize(w->fts, out->phrase) : 0);
	return code;
}

static bool counts(const struct window *w, const struct instance *i)
{
	return i->column == w->column && i->phrase < WEIGH_PHRASES;
}

/* The first place where most of the phrases are within `words` words, and a
 * quarter of those before it if there is room. */
static int find_window(struct window *w, int words)
{
	int count[WEIGH_PHRASES] = {0}, kinds = 0, best = 0, from = 0, place = 0, length = 0, code = SQLITE_OK;
	struct instance first, last;

	for (int to = 0; code == SQLITE_OK && to < w->hits; to++) {
		if ((code = get_instance(w, to, &last)) || !counts(w, &last))
			continue;
		kinds += count[last.phrase]++ == 0;
		for (; from < to && (code = get_instance(w, from, &first)) == SQLITE_OK; from++) {
			if (!counts(w, &first))
				continue;
			if (count[first.phrase] == 1 && last.begin - first.begin < words)
				break;
			kinds -= --count[first.phrase] == 0;
		}
		if (kinds > best) {
			best = kinds;
			place = from < to ? first.begin : last.begin;
			length = last.end - place;
		}
	}
	int room = words - length < words / 4 ? words - length : words / 4;
	w->first = room > 0 && place > room ? place - room : room > 0 ? 0 : place;
	w->last = w->first + words;
	return code;
}

/* Moves on to the instance that ends after a word, in the column; one far away
 * when there is none. */
static int next_hit(struct window *w, int word, struct instance *hit)
{
	int code = SQLITE_OK;

	for (; w->hit < w->hits; w->hit++)
		if ((code = get_instance(w, w->hit, hit)) || (hit->column == w->column && hit->end > word))
			return code;
	*hit = (struct instance){.begin = INT32_MAX, .end = INT32_MAX};
	return code;
}

static void write_until(struct window *w, int at)
{
	buf_add(&w->out, w->text + w->written, (size_t)(at - w->written));
	w->written = at;
}

static int take_word(void *context, int flags, const char *token, int length, int start, int end)
{
	struct window *w = context;
	struct instance hit;
	int word = w->word;

	if (flags & FTS5_TOKEN_COLOCATED)
		return SQLITE_OK;
	if (++w->word > w->last)
		return SQLITE_DONE;
	if (word < w->first)
		return SQLITE_OK;
	if (word == w->first && word > 0)
		w->written = start;
	if (w->hit_end >= 0 && word >= w->hit_end) {
		write_until(w, w->at_end);
		buf_char(&w->out, '\x03');
		w->hit_end = -1;
	}
	/* Of the scripts where a character is a word two make one. */
	if (length > 2 && length < 5 && (unsigned char)token[0] >= 0xe0)
		w->last += ++w->short_words % 2;
	int code = next_hit(w, word, &hit);
	if (code == SQLITE_OK && hit.begin <= word) {
		if (w->hit_end < 0) {
			write_until(w, start);
			buf_char(&w->out, '\x02');
		}
		w->hit_end = hit.end > w->hit_end ? hit.end : w->hit_end;
	}
	w->at_end = end;
	return code;
}

static int write_window(struct window *w)
{
	if (w->first > 0)
		buf_puts(&w->out, "…");
	int code = w->api->xTokenize(w->fts, w->text, w->n, w, take_word);
	bool cut = code == SQLITE_DONE || w->word > w->last;

	if (code != SQLITE_OK && code != SQLITE_DONE)
		return code;
	write_until(w, w->hit_end >= 0 || cut ? w->at_end : w->n);
	if (w->hit_end >= 0)
		buf_char(&w->out, '\x03');
	if (cut)
		buf_puts(&w->out, "…");
	else
		write_until(w, w->n);
	return buf_failed(&w->out) ? SQLITE_NOMEM : SQLITE_OK;
}

static void excerpt(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *out, int count,
		    sqlite3_value **arguments)
{
	struct window w = {.api = api, .fts = fts, .hit_end = -1};
	int code = count == 2 ? api->xInstCount(fts, &w.hits) : SQLITE_MISUSE;

	if (code == SQLITE_OK) {
		w.column = sqlite3_value_int(arguments[0]);
		code = find_window(&w, sqlite3_value_int(arguments[1]));
	}
	if (code == SQLITE_OK)
		code = api->xColumnText(fts, w.column, &w.text, &w.n);
	if (code == SQLITE_OK)
		code = write_window(&w);
	if (code == SQLITE_OK)
		sqlite3_result_text64(out, w.out.p ? w.out.p : "", w.out.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	else
		sqlite3_result_error_code(out, code);
	buf_release(&w.out);
}

int db_add_text_functions(struct db *db)
{
	sqlite3_stmt *s = NULL;
	fts5_api *api = NULL;

	if (db->has_text_functions)
		return 0;
	int code = sqlite3_prepare_v2(db->handle, "SELECT fts5(?1)", -1, &s, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_pointer(s, 1, &api, "fts5_api_ptr", NULL);
	if (code == SQLITE_OK)
		sqlite3_step(s);
	sqlite3_finalize(s);
	if (api)
		code = api->xCreateFunction(api, "weigh", NULL, weigh, NULL);
	if (api && code == SQLITE_OK)
		code = api->xCreateFunction(api, "excerpt", NULL, excerpt, NULL);
	if (!api || code != SQLITE_OK) {
		note(db, code);
		return -1;
	}
	db->has_text_functions = true;
	return 0;
}
