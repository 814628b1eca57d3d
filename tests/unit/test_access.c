/* test_access.c: request numbers, and what a line says of a request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "access.h"

/* What standard error was told by one call of access_note(). */
static struct buf logged;

static void note(const struct access *access, struct metrics *metrics)
{
	FILE *file = tmpfile();
	int copy = dup(STDERR_FILENO);

	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	access_note(access, metrics);
	dup2(copy, STDERR_FILENO);
	close(copy);
	buf_reset(&logged);
	lseek(fileno(file), 0, SEEK_SET);
	assert_int_equal(buf_read_fd(&logged, fileno(file)), 0);
	fclose(file);
}

struct variables {
	const char *request_id, *unique_id, *field;
};

static const char *variable(void *context, const char *name)
{
	const struct variables *v = context;

	return !strcmp(name, "REQUEST_ID") ? v->request_id : !strcmp(name, "UNIQUE_ID") ? v->unique_id
	       : !strcmp(name, "HTTP_X_REQUEST_ID") ? v->field : NULL;
}

static void numbers_of_requests(void **state)
{
	static const char longest[] = "1234567890123456789012345678901234567890123456789012345678901234"
				      "1234567890123456789012345678901234567890123456789012345678901234";
	static const char longer[] = "12345678901234567890123456789012345678901234567890123456789012345"
				     "1234567890123456789012345678901234567890123456789012345678901234";
	static const struct {
		struct variables given;
		const char *id; /* NULL: a made one */
	} cases[] = {
		{{"a-1", "b", "c"}, "a-1"},   {{NULL, "Zy@-9", "c"}, "Zy@-9"}, {{"", NULL, "c.d_e~f:/+=@"}, "c.d_e~f:/+=@"},
		{{"a b", NULL, "c"}, "c"},    {{NULL, NULL, longest}, longest}, {{NULL, NULL, longer}, NULL},
		{{NULL, NULL, "a\nb"}, NULL}, {{NULL, NULL, "a\"b"}, NULL},     {{NULL, NULL, "\xc3\xa9"}, NULL},
		{{NULL, NULL, NULL}, NULL},
	};
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct variables given = cases[i].given;
		struct str id = access_id(&arena, variable, &given), other = access_id(&arena, variable, &given);
		if (cases[i].id) {
			assert_string_equal(id.p, cases[i].id);
			continue;
		}
		assert_int_equal(id.n, 32);
		assert_int_equal(strspn(id.p, "0123456789abcdef"), 32);
		assert_false(str_eq(id, other));
	}
	arena_release(&arena);
}

static void what_a_line_says(void **state)
{
	static const struct {
		const char *path;
		enum request_format format;
		const char *tags, *post;
		enum metrics_format counted;
	} cases[] = {
		{"/posts/x", FORMAT_HTML, "posts/x,posts/y", "posts/x", METRICS_HTML},
		{"/posts/x", FORMAT_FRAGMENT, "posts/citt%C3%A0", "\"posts/citt\xc3\xa0\"", METRICS_FRAGMENT},
		{"/posts/", FORMAT_JSON, "list,posts/x", "\"\"", METRICS_JSON},
		{"/x", FORMAT_MD, "%zz", "\"\"", METRICS_MD},
		{"/posts/feed.rss", FORMAT_HTML, "list", "\"\"", METRICS_FEED},
		{"/sitemap-2.xml", FORMAT_HTML, "", "\"\"", METRICS_XML},
		{"/-/oembed", FORMAT_XML, "x", "x", METRICS_XML},
		{"/-/oembed", FORMAT_HTML, "x", "x", METRICS_JSON},
		{"/robots.txt", FORMAT_HTML, "", "\"\"", METRICS_TEXT},
	};
	const struct config config = {.access_log = true};
	struct metrics *metrics = metrics_new(0);
	struct buf expected = BUF_EMPTY;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct request request = {
			.method = STR_LIT("GET"), .path = str_from(cases[i].path), .format = cases[i].format};
		struct response response = {.status = 200, .body = STR_LIT("12345"), .without_body = i == 1};
		response_field(&response, "Content-Language", STR_LIT("it"));
		response_field(&response, "Cache-Tag", str_from(cases[i].tags));
		uint64_t before = metrics->requests[0][cases[i].counted];
		note(&(struct access){
			.config = &config, .request = &request, .response = &response, .id = STR_LIT("7"),
			.cache = METRICS_CACHE_MISS, .microseconds = 12034, .cut_off = i == 2}, metrics);
		assert_int_equal(metrics->requests[0][cases[i].counted], before + 1);
		buf_reset(&expected);
		buf_printf(&expected, "cartolina: access: id=7 method=GET path=%s status=200 bytes=%d lang=it "
			   "post=%s ms=12.034 cache=miss%s\n", cases[i].path, i == 1 ? 0 : 5, cases[i].post, i == 2 ? " cut_off=true" : "");
		assert_string_equal(buf_z(&logged), buf_z(&expected));
	}
	assert_int_equal(metrics->dropped, 1);
	buf_release(&expected);
	metrics_free(metrics);
}

static void silence_unless_it_is_wanted(void **state)
{
	const struct config config = {.access_log = false};
	const struct request request = {.method = STR_LIT("GET"), .path = STR_LIT("/")};
	const struct response response = {.status = 200, .body = STR_LIT("x")};

	(void)state;
	note(&(struct access){.config = &config, .request = &request, .response = &response}, NULL);
	assert_int_equal(logged.n, 0);
	buf_release(&logged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_requests),
		cmocka_unit_test(what_a_line_says),
		cmocka_unit_test(silence_unless_it_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
