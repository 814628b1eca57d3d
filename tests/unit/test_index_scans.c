/* test_index_scans.c: what one edit costs the index does not grow with the
 * number of posts: SQLite finds rows by keys, and never looks through a table for them.
 *
 * SQLite itself counts the rows that each statement came by without a key
 * (SQLITE_STMTSTATUS_FULLSCAN_STEP).  TELL_SCANS=1 names the statements.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "../lib/tempsite.h"
#include "index.h"
#include "indexer.h"

enum { FEW = 40, MANY = 400, ALLOWED = 30 };

static struct tempsite t;
static long scanned;

static int count_scans(unsigned event, void *context, void *statement, void *unused)
{
	(void)event;
	(void)context;
	(void)unused;
	int rows = sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 1);

	if (rows > ALLOWED && getenv("TELL_SCANS"))
		print_message("%d rows: %s\n", rows, sqlite3_sql(statement));
	scanned += rows;
	return 0;
}

static int watch(sqlite3 *db, char **message, const void *api)
{
	(void)message;
	(void)api;
	return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, count_scans, NULL);
}

static int watch_all(void **state)
{
	(void)state;
	return sqlite3_auto_extension((void (*)(void))watch);
}

static void write_posts(int count)
{
	tempsite_make(&t, "index: cache/index.db\nlanguages: [en, it]\nbase_url: https://example.org/\n");
	tempsite_folder(&t, "cache");
	for (int i = 0; i < count; i++) {
		const char *head = arena_printf(&t.arena, "---\ntitle: Post %d\ndate: 2020-%02d-%02d\n"
						"tags: [t%d, u]\naliases: [/old%d]\n---\nText %d\n", i,
						i % 12 + 1, i % 28 + 1, i % 5, i, i).p;
		tempsite_write(&t, arena_printf(&t.arena, "content/posts/p%d.en.md", i).p, head);
		tempsite_write(&t, arena_printf(&t.arena, "content/posts/p%d.it.md", i).p, head);
		tempsite_age(&t, arena_printf(&t.arena, "content/posts/p%d.en.md", i).p);
		tempsite_age(&t, arena_printf(&t.arena, "content/posts/p%d.it.md", i).p);
	}
}

static void run(const struct indexer_task *task)
{
	struct indexer_report report;
	struct buf problems = BUF_EMPTY, err = BUF_EMPTY;

	if (indexer_do(&t.config, task, &report, &problems, &err))
		fail_msg("%s", buf_z(&err));
	assert_true(report.changed);
	buf_release(&problems);
	buf_release(&err);
}

/* Rows without a key, for a first index of so many posts, over each of them. */
static long scanned_by_first_index(int count)
{
	write_posts(count);
	scanned = 0;
	run(&(struct indexer_task){.mode = INDEXER_NOW});
	tempsite_release(&t);
	return scanned / count;
}

static const char *const FILES[] = {"posts/p7.en.md"};
static const struct indexer_task OF_ONE = {.mode = INDEXER_FILES, .files = FILES, .file_count = 1};

static long scanned_by_edit(int count)
{
	write_posts(count);
	run(&(struct indexer_task){.mode = INDEXER_NOW});
	tempsite_write(&t, "content/posts/p7.en.md",
		       "---\ntitle: Anew\ndate: 2020-03-03\ntags: [u, v]\naliases: [/older]\n---\nOther text\n");
	scanned = 0;
	run(&OF_ONE);
	tempsite_release(&t);
	return scanned;
}

static long scanned_by_removal(int count)
{
	write_posts(count);
	run(&(struct indexer_task){.mode = INDEXER_NOW});
	tempsite_remove(&t, "content/posts/p7.en.md");
	scanned = 0;
	run(&OF_ONE);
	tempsite_release(&t);
	return scanned;
}

static void a_first_index_is_linear(void **state)
{
	(void)state;
	assert_in_range(scanned_by_first_index(MANY), 0, scanned_by_first_index(FEW) + ALLOWED);
}

static void an_edit_costs_the_same(void **state)
{
	(void)state;
	assert_in_range(scanned_by_edit(MANY), 0, scanned_by_edit(FEW) + ALLOWED);
}

/* One pass over the files: whichever asked for the one that is gone. */
static void a_removal_costs_one_pass(void **state)
{
	(void)state;
	assert_in_range(scanned_by_removal(MANY), 0, 2 * MANY + ALLOWED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_index_is_linear),
		cmocka_unit_test(an_edit_costs_the_same),
		cmocka_unit_test(a_removal_costs_one_pass),
	};

	return cmocka_run_group_tests(tests, watch_all, NULL);
}
