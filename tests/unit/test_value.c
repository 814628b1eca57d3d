/* test_value.c: JSON values: building, reading back, writing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "utf8.h"
#include "value.h"

static struct arena arena;

static int open_pool(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	value_pool(&arena);
	return 0;
}

static int close_pool(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void check_json(const struct value *v, bool inside_html, const char *want)
{
	struct buf out = BUF_EMPTY;

	value_write(v, inside_html, &out);
	assert_string_equal(buf_z(&out), want);
	buf_release(&out);
}

static struct value *from(const char *json)
{
	struct buf err = BUF_EMPTY;
	struct value *v = value_read(str_from(json), &err);

	if (!v)
		fail_msg("%s: %s", json, buf_z(&err));
	buf_release(&err);
	return v;
}

static void keeps_the_order_of_members(void **state)
{
	struct value *object = value_object();
	struct str key;
	const struct value *member;
	void *at = NULL;
	char names[200][8];

	(void)state;
	for (int i = 0; i < 200; i++) {
		snprintf(names[i], sizeof(names[i]), "k%d", i * 7919 % 1000);
		value_set(object, names[i], value_integer(i));
	}
	value_set(object, names[3], value_integer(3)); /* replacing keeps the place */
	for (int i = 0; i < 200; i++) {
		assert_true(value_each(object, &at, &key, &member));
		assert_true(str_is(key, names[i]));
		assert_int_equal(value_number(member), i);
	}
	assert_false(value_each(object, &at, &key, &member));
	assert_int_equal(value_count(object), 200);
}

static void builds_inwards(void **state)
{
	struct value *root = value_object();
	struct value *list = value_set(root, "list", value_array());

	(void)state;
	value_append(list, value_z("a"));
	value_set_bool(value_append(list, value_object()), "yes", true);
	value_append(list, value_null());
	value_append(list, value_real(0.5));
	value_set_str(root, "text", STR_LIT("a\0b\"\n\x01"));
	value_set_str(root, "absent", (struct str){NULL, 0});
	value_set(root, "", value_integer(INT64_MIN));
	check_json(root, false,
		"{\"list\":[\"a\",{\"yes\":true},null,0.5],\"text\":\"a\\u0000b\\\"\\n\\u0001\","
				"\"absent\":\"\",\"\":-9223372036854775808}");
}

static void asks_anything_of_anything(void **state)
{
	static const char *const values[] = {"null", "true", "7", "1.5", "\"x\"", "[1]",
		"{\"a\":1}"};
	struct str key;
	const struct value *member;

	(void)state;
	for (int i = 0; i < 8; i++) {
		const struct value *v = i < 7 ? from(values[i]) : NULL;
		void *at = NULL;
		assert_int_equal(value_kind(v), i < 7 ? i : VALUE_NULL);
		assert_int_equal(value_true(v), i == VALUE_BOOL);
		assert_int_equal(value_number(v), i == VALUE_INTEGER ? 7 : 0);
		assert_true(value_float(v) == (i == VALUE_INTEGER ? 7 : i == VALUE_REAL ? 1.5 : 0));
		assert_int_equal(value_text(v).n, i == VALUE_STRING);
		assert_int_equal(value_count(v), i == VALUE_ARRAY || i == VALUE_OBJECT);
		assert_int_equal(value_at(v, 0) != NULL, i == VALUE_ARRAY);
		assert_null(value_at(v, 1));
		assert_int_equal(value_get(v, STR_LIT("a")) != NULL, i == VALUE_OBJECT);
		assert_null(value_get(v, (struct str){NULL, 0}));
		assert_int_equal(value_each(v, &at, &key, &member), i == VALUE_OBJECT);
	}
	assert_false(value_true(from("false")) || value_true(from("\"true\"")));
}

/* Members are found whatever their name: params come from authors. */
static void finds_members_by_any_name(void **state)
{
	static const char bad[] = "caf\xe9";
	char name[1000];
	struct value *object = value_object();

	(void)state;
	memset(name, 'k', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	value_set(object, name, value_integer(1));
	value_set(object, "a.b", value_integer(2));
	value_set(object, "", value_integer(3));
	value_set(object, bad, value_integer(4));
	assert_int_equal(value_number(value_get(object, str_from(name))), 1);
	assert_int_equal(value_number(value_get(object, STR_LIT("a.b.c"))), 0);
	assert_int_equal(value_number(value_get(object, str_head(STR_LIT("a.b.c"), 3))), 2);
	assert_int_equal(value_number(value_get(object, (struct str){NULL, 0})), 3);
	assert_null(value_get(object, STR_LIT("a.b\0c")));
	assert_int_equal(value_number(value_get(object, STR_LIT("caf\xef\xbf\xbd"))), 4);
	struct buf out = BUF_EMPTY;
	value_write(object, false, &out);
	assert_true(utf8_valid(buf_view(&out)) && str_ends(buf_view(&out), "\":4}"));
	buf_release(&out);
}

static void mends_text(void **state)
{
	static const struct {
		struct str in;
		const char *json;
	} cases[] = {
		{STR_LIT("\xff"), "\"\xef\xbf\xbd\""},
		{STR_LIT("a\xc3"), "\"a\xef\xbf\xbd\""},
		{STR_LIT("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
		{STR_LIT("\xe2\x80\xa8\xf0\x9f\x98\x80"), "\"\xe2\x80\xa8\xf0\x9f\x98\x80\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_json(value_string(cases[i].in), false, cases[i].json);
}

/* JSON has no such numbers: null, so that no member goes missing. */
static void numbers_that_json_has_not_are_null(void **state)
{
	struct value *list = value_array();

	(void)state;
	value_append(list, value_real(HUGE_VAL));
	value_append(list, value_real(-HUGE_VAL));
	value_append(list, value_real(nan("")));
	value_append(list, value_real(-0.25));
	check_json(list, false, "[null,null,null,-0.25]");
}

static void is_safe_inside_a_script_element(void **state)
{
	(void)state;
	check_json(from("{\"</script><!--\":\"a&b<\"}"), true,
		   "{\"\\u003c/script\\u003e\\u003c!--\":\"a\\u0026b\\u003c\"}");
	check_json(from("[\"<\"]"), false, "[\"<\"]");
	check_json(value_string(STR_LIT("<\0>")), true, "\"\\u003c\\u0000\\u003e\"");
}

static void refuses_what_is_not_json(void **state)
{
	static const char *const cases[] = {
		"", "{", "[1,]", "{\"a\":1,\"a\":2}", "01", "1 2", "nul", "'a'", "\"\\ud800\"",
		"\"\xff\"",
		"[1e999]", "{\"a\\u0000\":1}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf err = BUF_EMPTY;
		if (value_read(str_from(cases[i]), &err) || !err.n)
			fail_msg("%s was read", cases[i]);
		buf_release(&err);
	}
}

/* Nested as deep as a hostile text can: refused, and no crash. */
static void survives_nesting(void **state)
{
	enum { DEEP = 100 * 1000 };
	struct buf text = BUF_EMPTY, err = BUF_EMPTY;

	(void)state;
	for (int i = 0; i < DEEP; i++)
		buf_char(&text, '[');
	assert_null(value_read(buf_view(&text), &err));
	buf_release(&text);
	buf_release(&err);
}

static void copies_are_apart(void **state)
{
	struct value *a = from("{\"list\":[1]}");
	struct value *b = value_copy(a);

	(void)state;
	value_append((struct value *)value_get(b, STR_LIT("list")), value_integer(2));
	check_json(a, false, "{\"list\":[1]}");
	check_json(b, false, "{\"list\":[1,2]}");
	assert_null(value_copy(NULL));
}

static void a_pool_can_be_used_again(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		arena_reset(&arena);
		value_pool(&arena);
		check_json(from("{\"a\":[true,\"x\"]}"), false, "{\"a\":[true,\"x\"]}");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_the_order_of_members, open_pool, close_pool),
		cmocka_unit_test_setup_teardown(builds_inwards, open_pool, close_pool),
		cmocka_unit_test_setup_teardown(asks_anything_of_anything, open_pool, close_pool),
		cmocka_unit_test_setup_teardown(finds_members_by_any_name, open_pool, close_pool),
		cmocka_unit_test_setup_teardown(mends_text, open_pool, close_pool),
		cmocka_unit_test_setup_teardown(numbers_that_json_has_not_are_null, open_pool,
			close_pool),
		cmocka_unit_test_setup_teardown(is_safe_inside_a_script_element, open_pool,
			close_pool),
		cmocka_unit_test_setup_teardown(refuses_what_is_not_json, open_pool, close_pool),
		cmocka_unit_test_setup_teardown(survives_nesting, open_pool, close_pool),
		cmocka_unit_test_setup_teardown(copies_are_apart, open_pool, close_pool),
		cmocka_unit_test_setup_teardown(a_pool_can_be_used_again, open_pool, close_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
