/* test_response.c: the CGI form of a response, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "response.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void assert_written(const struct response *response, const char *expected, size_t n)
{
	struct buf out = BUF_EMPTY;

	response_write(response, &out);
	assert_int_equal(out.n, n);
	assert_memory_equal(out.p, expected, n);
	buf_release(&out);
}

#define ASSERT_WRITTEN(response, expected) assert_written(response, expected, sizeof(expected) - 1)

static void test_writing(void **state)
{
	struct response response = {.status = 200, .body = STR_LIT("a\0b")};

	(void)state;
	ASSERT_WRITTEN(&response, "Status: 200 OK\r\n\r\na\0b");
	response_field(&response, "Content-Type", STR_LIT("text/plain"));
	response_field(&response, "X-Empty", STR_LIT(""));
	response_field(&response, "Link", STR_LIT("<a>"));
	response_field(&response, "Link", STR_LIT("<\xc3\xa8>"));
	ASSERT_WRITTEN(&response, "Status: 200 OK\r\nContent-Type: text/plain\r\nX-Empty: \r\n"
				  "Link: <a>\r\nLink: <\xc3\xa8>\r\n\r\na\0b");
	response.status = 304;
	response.without_body = true;
	response.field_count = 1;
	ASSERT_WRITTEN(&response, "Status: 304 Not Modified\r\nContent-Type: text/plain\r\n\r\n");
	assert_int_equal(response.body.n, 3);
}

static void test_getting(void **state)
{
	struct response response = {.status = 200};

	(void)state;
	response_field(&response, "ETag", STR_LIT("\"x\""));
	response_field(&response, "Link", STR_LIT("first"));
	response_field(&response, "Link", STR_LIT("second"));
	assert_true(str_is(response_get(&response, "etag"), "\"x\""));
	assert_true(str_is(response_get(&response, "LINK"), "first"));
	assert_int_equal(response_get(&response, "ETa").n, 0);
	assert_int_equal(response_get(&response, "ETagg").n, 0);
	assert_non_null(response_get(&response, "Absent").p);
}

static void test_reasons(void **state)
{
	static const int sent[] = {200, 301, 304, 400, 404, 405, 412, 414, 500, 503};

	(void)state;
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
		assert_string_not_equal(response_reason(sent[i]), "Unknown");
	assert_string_equal(response_reason(404), "Not Found");
	assert_string_equal(response_reason(0), "Unknown");
	assert_string_equal(response_reason(-1), "Unknown");
}

static void test_internal_error(void **state)
{
	struct response response;

	(void)state;
	memset(&response, 0xff, sizeof(response)); /* whatever was in it */
	response_internal_error(&response);
	assert_int_equal(response.status, 500);
	assert_false(response.without_body);
	assert_true(str_is(response_get(&response, "Cache-Control"), "no-store"));
	assert_true(str_is(response_get(&response, "Content-Type"), "text/html; charset=utf-8"));
	assert_true(str_starts(response.body, "<!DOCTYPE html>"));
}

/* Bugs of a caller end the process before they reach a reader. */
static int ends_by(struct str value, int fields)
{
	int status;
	pid_t child = fork();

	if (!child) {
		struct response response = {.status = 200};
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		for (int i = 0; i < fields; i++)
			response_field(&response, "X", value);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void test_asserted(void **state)
{
	(void)state;
	assert_int_equal(ends_by(STR_LIT("fine"), RESPONSE_MAX_FIELDS), 0);
	assert_int_equal(ends_by(STR_LIT("fine"), RESPONSE_MAX_FIELDS + 1), SIGABRT);
	assert_int_equal(ends_by(STR_LIT("a\nSet-Cookie: b"), 1), SIGABRT);
	assert_int_equal(ends_by(STR_LIT("a\r"), 1), SIGABRT);
	assert_int_equal(ends_by(STR_LIT("a\0b"), 1), SIGABRT);
}

static void test_ceiling(void **state)
{
	struct response response = {.status = 200, .body = STR_LIT("0123456789")};
	struct buf out = {.ceiling = 20};

	(void)state;
	response_write(&response, &out);
	assert_true(buf_failed(&out));
	assert_true(out.n <= 20);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writing),
		cmocka_unit_test(test_getting),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_internal_error),
		cmocka_unit_test(test_asserted),
		cmocka_unit_test(test_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
