/* index_write.c: the schema, and what the indexer puts in and takes out.
 *
 * Changes are collected in one transaction; index_settle() makes of them what
 * depends on several posts, and the lists.
 */
#include "index.h"

#include "index_rows.h"
#include "post_path.h"
#include "postpack.h"
#include "value.h"

#include <stdio.h>
#include <time.h>

enum { APPLICATION_ID = 0x43617274 /* "Cart" */ };

/* A CGI process reads all of this before its first row, so it is no longer than
 * need be: without what only writers use, and without types (text, integers and
 * packed bytes are put in as what they are) but for what refers to another table's
 * id: SQLite looks those up by an index only when both are of one type. */
static const char SCHEMA[] =
	"CREATE TABLE meta(key PRIMARY KEY, value) WITHOUT ROWID;"
	"CREATE TABLE files(file PRIMARY KEY, inode, size, mtime, changed, hash, problems, asked, asked_state)"
	" WITHOUT ROWID;"
	"CREATE TABLE posts(id INTEGER PRIMARY KEY, file UNIQUE, grp, path, date, publish, expiry, draft, lang, head);"
	"CREATE INDEX posts_group ON posts(grp, file);"
	"CREATE INDEX posts_path ON posts(path, file);"
	"CREATE TABLE bodies(id INTEGER PRIMARY KEY REFERENCES posts ON DELETE CASCADE, body);"
	"CREATE TABLE aliases(path, id INTEGER REFERENCES posts ON DELETE CASCADE, PRIMARY KEY(path, id))"
	" WITHOUT ROWID;"
	"CREATE INDEX aliases_id ON aliases(id);"
	/* One list each; `count` entries, the newest input of which is `modified`,
	 * but for what `timed` says of the moment. */
	"CREATE TABLE scopes(id INTEGER PRIMARY KEY, lang, kind, name, count, modified,"
	/* What is to be found anew: 1: modified; 2: newest, a tag's first few entries
	 * (index_newest), for an article looks through as many of each of its tags. */
	" stale, newest, UNIQUE(kind, name, lang));"
	"CREATE INDEX scopes_stale ON scopes(stale) WHERE stale;"
	/* From `start` to `stop` the list has this post of the group. */
	"CREATE TABLE entries(scope INTEGER, date, grp, post INTEGER, start, stop, own, modified,"
	" PRIMARY KEY(scope, date DESC, grp, start)) WITHOUT ROWID;"
	/* The few entries that were not there from before till ever after. */
	"CREATE TABLE timed(scope INTEGER, grp, start, stop, PRIMARY KEY(scope, start, grp)) WITHOUT ROWID;"
	"CREATE INDEX timed_stop ON timed(scope, stop);"
	/* Where a group's entries are: scope, date and start of each. */
	"CREATE TABLE placed(grp PRIMARY KEY, entries) WITHOUT ROWID;"
	/* index_text.c: rowid is `key`. */
	"CREATE VIRTUAL TABLE search USING fts5(title, tags, lists, text,"
	" tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3', columnsize = 0);"
	"CREATE TABLE texts(key INTEGER PRIMARY KEY, post INTEGER UNIQUE REFERENCES posts ON DELETE CASCADE, grp, date,"
	" start, stop, lang, title_size, text_size);"
	"CREATE TABLE languages(lang, tag, PRIMARY KEY(lang, tag)) WITHOUT ROWID;";

/* Made by each writer for itself. */
static const char TEMPORARY[] =
	/* Groups that index_settle has to look at before the commit; hashes of where
	 * each was in lists, what they showed of it, and all of it. */
	"CREATE TEMP TABLE IF NOT EXISTS touched(grp PRIMARY KEY, place, shown, whole) WITHOUT ROWID;";

static int set_meta(struct index *index, const char *key, int64_t value)
{
	struct db_statement *s = db_use(index->db, "INSERT OR REPLACE INTO meta VALUES(?1, ?2)");

	db_bind_str(s, 1, str_from(key));
	db_bind_int(s, 2, value);
	return db_run(index->db, s);
}

static int create_schema(struct index *index, uint64_t fingerprint)
{
	char pragma[64];

	snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d", APPLICATION_ID);
	return db_execute(index->db, pragma) || db_execute(index->db, SCHEMA) ||
	       set_meta(index, "schema", INDEX_SCHEMA) || set_meta(index, "fingerprint", (int64_t)fingerprint) ||
	       set_meta(index, "generation", 0) || set_meta(index, "settled", 0);
}

enum index_status index_open_writer(const char *path, uint64_t fingerprint, bool create,
				    struct index **out, struct buf *err)
{
	enum index_status status = INDEX_FINE;

	if (index_connect(path, create ? DB_CREATE : DB_WRITE, out, err))
		return INDEX_FAILED;
	if (create && (create_schema(*out, fingerprint) || index_load_texts_begin(*out))) {
		db_failed((*out)->db, err);
		status = INDEX_FAILED;
	} else if (!create && !index_is_ours(*out, fingerprint)) {
		status = INDEX_UNUSABLE;
	}
	if (status != INDEX_FINE) {
		index_close(*out);
		*out = NULL;
	}
	return status;
}

int index_write_begin(struct index *index, struct buf *err)
{
	return db_execute(index->db, TEMPORARY) || db_run(index->db, db_use(index->db, "BEGIN IMMEDIATE"))
	       ? db_failed(index->db, err) : 0;
}

int index_commit(struct index *index, struct buf *err)
{
	int64_t last = (int64_t)index_generation(index);
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	int64_t generation = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
	if (generation <= last)
		generation = last + 1;
	if (set_meta(index, "generation", generation) || set_meta(index, "settled", t.tv_sec) ||
	    db_run(index->db, db_use(index->db, "COMMIT")))
		return db_failed(index->db, err);
	return 0;
}

void index_rollback(struct index *index)
{
	if (db_in_transaction(index->db))
		(void)!db_run(index->db, db_use(index->db, "ROLLBACK"));
}

/* --- files ------------------------------------------------------------------------- */

#define FILE_COLUMNS "file, inode, size, mtime, changed, hash, asked, asked_state"

static struct index_file read_file(struct arena *arena, struct db_statement *s)
{
	return (struct index_file){
		.file = arena_z(arena, db_bytes(s, 0)),
		.inode = db_int(s, 1),
		.size = db_int(s, 2),
		.mtime = db_int(s, 3),
		.changed = db_int(s, 4),
		.hash = (uint64_t)db_int(s, 5),
		.asked = arena_str(arena, db_bytes(s, 6)),
		.asked_state = (uint64_t)db_int(s, 7),
	};
}

static int tell_of_each(struct index *index, struct db_statement *s, index_file_seen *seen, void *context)
{
	struct arena arena;
	int more;

	arena_init(&arena, 0);
	while ((more = db_step(index->db, s)) == 1) {
		struct index_file file = read_file(&arena, s);
		if (!file.file[0]) { /* no file is named so */
			db_note_bad_value(index->db);
			db_reset(s);
			more = -1;
			break;
		}
		seen(context, &file);
		arena_reset(&arena);
	}
	arena_release(&arena);
	return more;
}

int index_each_file(struct index *index, index_file_seen *seen, void *context)
{
	return tell_of_each(index, db_use(index->db, "SELECT " FILE_COLUMNS " FROM files"), seen, context);
}

int index_each_asking(struct index *index, struct str path, index_file_seen *seen, void *context)
{
	struct db_statement *s = db_use(index->db, "SELECT " FILE_COLUMNS " FROM files"
						   " WHERE instr(asked, ?1 || char(10))");

	db_bind_str(s, 1, path);
	return tell_of_each(index, s, seen, context);
}

int index_find_file(struct index *index, struct arena *arena, const char *name, struct index_file *file)
{
	struct db_statement *s = db_use(index->db, "SELECT " FILE_COLUMNS " FROM files WHERE file = ?1");

	db_bind_str(s, 1, str_from(name));
	int found = db_step(index->db, s);
	if (found == 1)
		*file = read_file(arena, s);
	db_reset(s);
	return found;
}

int index_put_file(struct index *index, const struct index_file *file, struct str problems, struct buf *err)
{
	struct db_statement *s =
		db_use(index->db, "INSERT OR REPLACE INTO files VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");

	db_bind_str(s, 1, str_from(file->file));
	db_bind_int(s, 2, file->inode);
	db_bind_int(s, 3, file->size);
	db_bind_int(s, 4, file->mtime);
	db_bind_int(s, 5, file->changed);
	db_bind_int(s, 6, (int64_t)file->hash);
	db_bind_str(s, 7, problems);
	db_bind_str(s, 8, file->asked);
	db_bind_int(s, 9, (int64_t)file->asked_state);
	return db_run(index->db, s) ? db_failed(index->db, err) : 0;
}

/* --- posts ------------------------------------------------------------------------- */

/* One text parameter, no result. */
static int run_on(struct index *index, const char *constant, struct str text, struct buf *err)
{
	struct db_statement *s = db_use(index->db, constant);

	db_bind_str(s, 1, text);
	return db_run(index->db, s) ? db_failed(index->db, err) : 0;
}

static int remove_post(struct index *index, struct str file, struct buf *err)
{
	return index_remove_text(index, file, err) ||
	       run_on(index, "DELETE FROM posts WHERE file = ?1", file, err) ? -1 : 0;
}

static int put_aliases(struct index *index, int64_t id, struct str json, struct buf *err)
{
	struct arena arena;
	int result = 0;

	arena_init(&arena, 0);
	value_pool(&arena);
	const struct value *list = value_read(json, err);
	for (size_t i = 0; !result && i < value_count(list); i++) {
		struct db_statement *s = db_use(index->db, "INSERT OR IGNORE INTO aliases VALUES(?1, ?2)");
		db_bind_str(s, 1, value_text(value_at(list, i)));
		db_bind_int(s, 2, id);
		result = db_run(index->db, s) ? db_failed(index->db, err) : 0;
	}
	arena_release(&arena);
	return result;
}

static int insert_post(struct index *index, const struct post_head *head, struct str packed, struct buf *err)
{
	struct db_statement *s = db_use(index->db, "INSERT INTO posts(file, grp, path, date, publish, expiry, draft,"
						   " lang, head) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");

	db_bind_str(s, 1, head->file);
	db_bind_str(s, 2, head->group);
	db_bind_str(s, 3, head->path);
	db_bind_int(s, 4, head->date);
	db_bind_int(s, 5, post_start(head));
	db_bind_int(s, 6, post_stop(head));
	db_bind_int(s, 7, head->draft);
	db_bind_str(s, 8, head->lang);
	db_bind_bytes(s, 9, packed);
	return db_run(index->db, s) ? db_failed(index->db, err) : 0;
}

static int insert_body(struct index *index, int64_t id, struct str packed, struct buf *err)
{
	struct db_statement *s = db_use(index->db, "INSERT INTO bodies VALUES(?1, ?2)");

	db_bind_int(s, 1, id);
	db_bind_bytes(s, 2, packed);
	return db_run(index->db, s) ? db_failed(index->db, err) : 0;
}

int index_put_post(struct index *index, struct str packed_head, struct str packed_body, struct str text,
		   struct buf *err)
{
	struct post_head head;

	if (postpack_read_head(packed_head, &head)) {
		buf_puts(err, "index: a renderer's answer is damaged\n");
		return -1;
	}
	/* The old group first: the file may have left it. */
	if (index_touch(index, head.file, false, err) || remove_post(index, head.file, err) ||
	    insert_post(index, &head, packed_head, err))
		return -1;
	int64_t id = db_last_id(index->db);
	return insert_body(index, id, packed_body, err) || index_put_text(index, id, &head, text, err) ||
	       put_aliases(index, id, head.aliases, err) || index_touch(index, head.file, true, err) ? -1 : 0;
}

int index_remove(struct index *index, const char *file, struct buf *err)
{
	struct str name = str_from(file);

	return index_touch(index, name, false, err) || remove_post(index, name, err) ||
	       run_on(index, "DELETE FROM files WHERE file = ?1", name, err) ? -1 : 0;
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
		head->image_width = from ? from->image_width : 0;
		head->image_height = from ? from->image_height : 0;
	}
	if (head->inherits & INHERIT_TAGS)
		head->tags = from ? from->tags : STR_LIT("[]");
	post_path_settle(arena, head);
	return before.date != head->date || !str_eq(before.images, head->images) ||
	       !str_eq(before.twitter_image, head->twitter_image) || !str_eq(before.tags, head->tags) ||
	       before.image_width != head->image_width || before.image_height != head->image_height ||
	       !str_eq(before.path, head->path);
}

static int write_head(struct index *index, const struct post_head *head, struct buf *err)
{
	struct buf packed = BUF_EMPTY;
	struct db_statement *s = db_use(index->db, "UPDATE posts SET publish = ?2, expiry = ?3, path = ?4, "
						   "head = ?5 WHERE id = ?1");

	postpack_head(head, &packed);
	db_bind_int(s, 1, head->id);
	db_bind_int(s, 2, post_start(head));
	db_bind_int(s, 3, post_stop(head));
	db_bind_str(s, 4, head->path);
	db_bind_bytes(s, 5, buf_view(&packed));
	int result = db_run(index->db, s);
	buf_release(&packed);
	return result ? db_failed(index->db, err) : 0;
}

static int settle_group(struct index *index, struct arena *arena, const struct config *config, struct str group,
			struct buf *err)
{
	struct index_heads heads;
	const struct post_head *from = NULL;

	if (index_group(index, arena, group, &heads))
		return db_failed(index->db, err);
	for (size_t i = 0; i < heads.count; i++)
		if (str_is(heads.at[i].lang, config->languages[0].tag))
			from = &heads.at[i];
	bool *fresh = ARENA_ARRAY(arena, heads.count + 1, bool);
	for (size_t i = 0; i < heads.count; i++) {
		fresh[i] = &heads.at[i] != from && inherit(arena, &heads.at[i], from);
		if (fresh[i] && write_head(index, &heads.at[i], err))
			return -1;
	}
	if (index_place_group(index, arena, config, group, &heads, err))
		return -1;
	return index_settle_texts(index, arena, &heads, group, index_group_date(config, &heads), fresh, err);
}

int index_settle(struct index *index, const struct config *config, struct buf *err)
{
	struct db_statement *s = db_use(index->db, "SELECT grp FROM touched");
	struct arena arena;
	int more = 0, result = 0;

	arena_init(&arena, 0);
	while (!result && (more = db_step(index->db, s)) == 1) {
		result = settle_group(index, &arena, config, arena_str(&arena, db_bytes(s, 0)), err);
		arena_reset(&arena);
	}
	db_reset(s);
	arena_release(&arena);
	if (result)
		return result;
	if (more < 0)
		return db_failed(index->db, err);
	if (index_place_end(index, err) || index_load_texts_end(index, err) ||
	    index_settle_languages(index, config, err) || index_tag_touched(index, config, err))
		return -1;
	return db_run(index->db, db_use(index->db, "DELETE FROM touched")) ? db_failed(index->db, err) : 0;
}
