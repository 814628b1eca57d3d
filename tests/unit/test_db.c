/* test_db.c: what takes too long is stopped, and nothing is the worse for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "db.h"

static struct db *db;
static struct buf err;

static int set_up(void **state)
{
	(void)state;
	return db_open(":memory:", DB_CREATE, &db, &err);
}

static int tear_down(void **state)
{
	(void)state;
	db_close(db);
	buf_release(&err);
	return 0;
}

static int64_t one_number(const char *constant)
{
	struct db_statement *s = db_use(db, constant);
	int64_t value = db_step(db, s) == 1 ? db_int(s, 0) : -1;

	db_reset(s);
	return value;
}

static void a_statement_is_stopped(void **state)
{
	static const char ENDLESS[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
				      "SELECT count(*) FROM n";

	(void)state;
	db_limit(db, 20);
	assert_false(db_exhausted(db));
	assert_int_equal(one_number(ENDLESS), -1);
	assert_true(db_exhausted(db));
	assert_false(db_damaged(db));
	db_limit(db, 20); /* anew */
	assert_false(db_exhausted(db));
	assert_int_equal(one_number("SELECT 7"), 7);
	db_reset_all(db);
	assert_false(db_exhausted(db));
}

/* FTS5 reads pages within one step. */
static void a_search_is_stopped(void **state)
{
	static const char FIND[] = "SELECT count(*) FROM (SELECT 1 FROM texts WHERE texts MATCH 'word*' LIMIT 1)";

	(void)state;
	assert_int_equal(db_execute(db, "CREATE VIRTUAL TABLE texts USING fts5(text); "
					"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000) "
					"INSERT INTO texts SELECT 'word' || i || ' word' || (i * 7 % 30000) FROM n"), 0);
	assert_int_equal(one_number(FIND), 1);
	for (int i = 0; i < 3; i++) {
		db_limit(db, 0);
		assert_int_equal(one_number(FIND), -1);
		assert_true(db_exhausted(db));
		assert_false(db_damaged(db));
		db_reset_all(db);
		assert_int_equal(one_number(FIND), 1);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_statement_is_stopped),
		TEST(a_search_is_stopped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
