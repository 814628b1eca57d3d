/* index_search.c: the full text of every article, by SQLite's FTS5. */
#include "index_rows.h"

int index_put_text(struct index *index, int64_t id, const struct post_head *head, struct str text, struct buf *err)
{
	struct db_statement *s = db_use(index->db, "INSERT INTO search(rowid, title, tags, text) "
						   "VALUES(?1, ?2, ?3, ?4)");

	db_bind_int(s, 1, id);
	db_bind_str(s, 2, head->title);
	db_bind_str(s, 3, head->tags);
	db_bind_str(s, 4, text);
	return db_run(index->db, s) ? db_failed(index->db, err) : 0;
}
