/* test_buf.c: appending, the sticky error, the ceiling, reading descriptors. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "buf.h"

static void appends(void **state)
{
	struct buf b = BUF_EMPTY;

	(void)state;
	assert_string_equal(buf_z(&b), "");
	buf_add(&b, NULL, 0);
	buf_str(&b, (struct str){NULL, 0});
	assert_null(b.p);
	buf_puts(&b, "a");
	buf_char(&b, 0);
	buf_str(&b, STR_LIT("b\0"));
	buf_printf(&b, "%d%s", 7, "x");
	assert_int_equal(b.n, 6);
	assert_memory_equal(b.p, "a\0b\0" "7x", 7);
	buf_truncate(&b, 100);
	assert_int_equal(b.n, 6);
	buf_truncate(&b, 1);
	assert_string_equal(buf_z(&b), "a");
	buf_reset(&b);
	assert_string_equal(buf_z(&b), "");
	buf_release(&b);
	buf_release(&b);
}

/* Against a plain array, at every length around the growth steps. */
static void grows_without_losing_bytes(void **state)
{
	struct buf b = BUF_EMPTY;
	char want[3000];

	(void)state;
	for (size_t i = 0; i < sizeof(want); i++) {
		want[i] = (char)('a' + i % 26);
		buf_char(&b, want[i]);
		assert_int_equal(b.p[b.n], 0);
	}
	buf_printf(&b, "%.*s", (int)sizeof(want), want);
	assert_int_equal(b.n, 2 * sizeof(want));
	assert_memory_equal(b.p, want, sizeof(want));
	assert_memory_equal(b.p + sizeof(want), want, sizeof(want));
	buf_release(&b);
}

static void errors_stick_and_keep_the_content(void **state)
{
	struct buf b = {.ceiling = 4};

	(void)state;
	buf_puts(&b, "abcd");
	assert_false(buf_failed(&b));
	buf_puts(&b, "e");
	buf_truncate(&b, 2);
	buf_char(&b, 'f'); /* it would fit again, but the error sticks */
	assert_true(buf_failed(&b));
	assert_string_equal(buf_z(&b), "ab");
	buf_reset(&b);
	buf_printf(&b, "%s", "12345");
	assert_true(buf_failed(&b));
	assert_string_equal(buf_z(&b), "");
	buf_reset(&b);
	buf_reserve(&b, SIZE_MAX);
	assert_true(buf_failed(&b));
	buf_release(&b);
}

static void writes_utf8(void **state)
{
	static const struct {
		uint32_t scalar;
		const char *bytes;
	} cases[] = {
		{0x41, "A"},
		{0x7f, "\x7f"},
		{0x80, "\xc2\x80"},
		{0x7ff, "\xdf\xbf"},
		{0x800, "\xe0\xa0\x80"},
		{0xd7ff, "\xed\x9f\xbf"},
		{0xd800, "\xef\xbf\xbd"},
		{0xdfff, "\xef\xbf\xbd"},
		{0xffff, "\xef\xbf\xbf"},
		{0x10000, "\xf0\x90\x80\x80"},
		{0x10ffff, "\xf4\x8f\xbf\xbf"},
		{0x110000, "\xef\xbf\xbd"},
		{UINT32_MAX, "\xef\xbf\xbd"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = BUF_EMPTY;
		buf_utf8(&b, cases[i].scalar);
		assert_string_equal(buf_z(&b), cases[i].bytes);
		buf_release(&b);
	}
}

/* A pipe that holds n bytes and no more. */
static int pipe_with(size_t n)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(write(fds[1], "x", 1), 1);
	close(fds[1]);
	return fds[0];
}

static void reads_descriptors_up_to_the_ceiling(void **state)
{
	static const struct {
		size_t bytes, ceiling, got;
		int error;
	} cases[] = {
		{0, 0, 0, 0}, {1000, 0, 1000, 0}, {10, 10, 10, 0}, {11, 10, 10, EFBIG}, {0, 10, 0,
		 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = {.ceiling = cases[i].ceiling};
		int fd = pipe_with(cases[i].bytes);
		errno = 0;
		assert_int_equal(buf_read_fd(&b, fd), cases[i].error ? -1 : 0);
		assert_int_equal(errno, cases[i].error);
		assert_int_equal(b.n, cases[i].got);
		close(fd);
		buf_release(&b);
	}
	struct buf b = BUF_EMPTY;
	assert_int_equal(buf_read_fd(&b, -1), -1);
	assert_int_equal(errno, EBADF);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends),
		cmocka_unit_test(grows_without_losing_bytes),
		cmocka_unit_test(errors_stick_and_keep_the_content),
		cmocka_unit_test(writes_utf8),
		cmocka_unit_test(reads_descriptors_up_to_the_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
