/* test_date.c: reading and writing dates, against tables and the C library.
 *
 * Every text lies at the end of a page that is followed by one that may not be
 * read, so that a read past the end is a crash and not luck.
 */
#include "date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { UNTOUCHED = 12345, DAY = 86400 };

static const int64_t EARLIEST = -62135596800, LATEST = 253402300799;

static struct str guarded(struct str s)
{
	static char *page;
	size_t size = (size_t)sysconf(_SC_PAGESIZE);

	assert_true(s.n <= size);
	if (!page) {
		page = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);
		assert_true(page != MAP_FAILED);
		assert_int_equal(mprotect(page + size, size, PROT_NONE), 0);
	}
	char *copy = page + size - s.n;
	memcpy(copy, s.p, s.n);
	return (struct str){copy, s.n};
}

static const struct {
	const char *text;
	const char *iso; /* in UTC */
} GOOD[] = {
	{"2020-04-28", "2020-04-28T00:00:00Z"},
	{"2020/04/28", "2020-04-28T00:00:00Z"},
	{"2020-04-28T10:30Z", "2020-04-28T10:30:00Z"},
	{"2020-04-28T10:30", "2020-04-28T10:30:00Z"},
	{"2020-04-28T10:30:15", "2020-04-28T10:30:15Z"},
	{"2020-04-28 10:30:15", "2020-04-28T10:30:15Z"},
	{"2020/04/28 10:30:15", "2020-04-28T10:30:15Z"},
	{"2020-04-28t10:30:15z", "2020-04-28T10:30:15Z"},
	{"2020-04-28T10:30:00.5+02:00", "2020-04-28T08:30:00Z"},
	{"2020-04-28T10:30:00.999999999Z", "2020-04-28T10:30:00Z"},
	{"2020-04-28T10:30:00.000000000000000000000000000000000000000001Z", "2020-04-28T10:30:00Z"},
	{"2020-04-28 10:30:00 +0200", "2020-04-28T08:30:00Z"},
	{"2020-04-28 10:30:00 +02:00", "2020-04-28T08:30:00Z"},
	{"2020-04-28 10:30:00 +0200 CEST", "2020-04-28T08:30:00Z"},
	{"2020-04-28 10:30:00.25 -0330 NDT", "2020-04-28T14:00:00Z"},
	{"2020-04-28 10:30:00 UTC", "2020-04-28T10:30:00Z"},
	{"2020-04-28 10:30:00 +0000 UTC", "2020-04-28T10:30:00Z"},
	{"2020-04-28T10:30:00+02", "2020-04-28T08:30:00Z"},
	{"2020-04-28T10:30:00-00:00", "2020-04-28T10:30:00Z"},
	{"2020-04-28T00:30:00+23:59", "2020-04-27T00:31:00Z"},
	{"2019-12-31T23:59:59-00:01", "2020-01-01T00:00:59Z"},
	{"2020-03-01T00:30:00+01:00", "2020-02-29T23:30:00Z"},
	{"2020-04-28T00:00:00Z", "2020-04-28T00:00:00Z"},
	{"2020-04-28T23:59:59Z", "2020-04-28T23:59:59Z"},
	{"2020-02-29", "2020-02-29T00:00:00Z"},
	{"2000-02-29", "2000-02-29T00:00:00Z"},
	{"2020-12-31", "2020-12-31T00:00:00Z"},
	{"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"},
	{"0001-01-01", "0001-01-01T00:00:00Z"},
	{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(GOOD); i++) {
		int64_t seconds;
		char iso[DATE_ISO_SIZE];
		if (date_parse(guarded(str_from(GOOD[i].text)), &seconds) != 0)
			fail_msg("'%s' is refused", GOOD[i].text);
		date_format_iso(seconds, iso);
		if (strcmp(iso, GOOD[i].iso) != 0)
			fail_msg("'%s' gave %s, not %s", GOOD[i].text, iso, GOOD[i].iso);
	}
}

static const struct str BAD[] = {
	STR_LIT(""),
	STR_LIT("2"),
	STR_LIT("2020"),
	STR_LIT("2020-04"),
	STR_LIT("2020-04-"),
	STR_LIT("2020-4-28"),
	STR_LIT("2020-04-8"),
	STR_LIT("20-04-28"),
	STR_LIT("20200428"),
	STR_LIT("12020-04-28"),
	STR_LIT("-2020-04-28"),
	STR_LIT("+2020-04-28"),
	STR_LIT("2020-04/28"),
	STR_LIT("2020/04-28"),
	STR_LIT("2020.04.28"),
	STR_LIT("28/04/2020"),
	STR_LIT("28 April 2020"),
	STR_LIT("yesterday"),
	STR_LIT("\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa0-04-28"), /* Arabic digits */
	/* out of range */
	STR_LIT("0000-01-01"),
	STR_LIT("2020-00-28"),
	STR_LIT("2020-13-28"),
	STR_LIT("2020-04-00"),
	STR_LIT("2020-04-31"),
	STR_LIT("2020-02-30"),
	STR_LIT("2019-02-29"),
	STR_LIT("1900-02-29"),
	STR_LIT("2100-02-29"),
	STR_LIT("2020-01-32"),
	STR_LIT("2020-04-28T24:00"),
	STR_LIT("2020-04-28T24:00:00Z"),
	STR_LIT("2020-04-28T10:60"),
	STR_LIT("2020-04-28T10:30:60Z"),
	STR_LIT("2016-12-31T23:59:60Z"), /* there was one */
	STR_LIT("2020-04-28T10:30:00+24:00"),
	STR_LIT("2020-04-28T10:30:00+02:60"),
	STR_LIT("0001-01-01T00:00:00+00:01"),
	STR_LIT("9999-12-31T23:59:59-00:01"),
	/* cut or garbled times */
	STR_LIT("2020-04-28T"),
	STR_LIT("2020-04-28 "),
	STR_LIT("2020-04-28Z"),
	STR_LIT("2020-04-28+02:00"),
	STR_LIT("2020-04-28T10"),
	STR_LIT("2020-04-28T10Z"),
	STR_LIT("2020-04-28T10:3"),
	STR_LIT("2020-04-28T10:30:"),
	STR_LIT("2020-04-28T10:30:0"),
	STR_LIT("2020-04-28T10:30:00."),
	STR_LIT("2020-04-28T10:30:00.Z"),
	STR_LIT("2020-04-28T10:30:00,5Z"),
	STR_LIT("2020-04-28T10:30.5"),
	STR_LIT("2020-04-28T1:30"),
	STR_LIT("2020-04-28T-1:30"),
	STR_LIT("2020-04-28  10:30"),
	STR_LIT("2020-04-28_10:30"),
	STR_LIT("2020-04-28T10:30+"),
	STR_LIT("2020-04-28T10:30+2"),
	STR_LIT("2020-04-28T10:30+020"),
	STR_LIT("2020-04-28T10:30+02:"),
	STR_LIT("2020-04-28T10:30+02:0"),
	STR_LIT("2020-04-28T10:30 CEST"),
	STR_LIT("2020-04-28T10:30 "),
	STR_LIT("2020-04-28T10:30  +0200"),
	STR_LIT("2020-04-28T10:30ZZ"),
	STR_LIT("2020-04-28T10:30Z+02:00"),
	STR_LIT("2020-04-28T10:30 UTC+2"),
	/* rubbish around it */
	STR_LIT(" 2020-04-28"),
	STR_LIT("2020-04-28\n"),
	STR_LIT("2020-04-28x"),
	STR_LIT("2020-04-28T10:30:00Z "),
	STR_LIT("2020-04-28T10:30:00Zx"),
	STR_LIT("2020-04-28T10:30:00 +0200 "),
	STR_LIT("2020-04-28T10:30:00 +0200 C"),
	STR_LIT("2020-04-28T10:30:00 +0200CEST"),
	STR_LIT("2020-04-28T10:30:00 +0200\tCEST"),
	STR_LIT("2020-04-28T10:30:00 +0200 CEST "),
	STR_LIT("2020-04-28T10:30:00 +0200 CEST CEST"),
	STR_LIT("2020-04-28T10:30:00 +0200 C3ST"),
	STR_LIT("2020-04-28T10:30:00 +0200 Somewhere"),
	STR_LIT("2020-04-28T10:30:00+02:00:00"),
	STR_LIT("2020-04-28\0"),
	STR_LIT("2020-04-28\0T10:30"),
	STR_LIT("2020-04-28T10:30\0"),
	STR_LIT("2020-04-28T10:30Z\0"),
};

static void test_parse_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(BAD); i++) {
		int64_t seconds = UNTOUCHED;
		if (date_parse(guarded(BAD[i]), &seconds) != -1)
			fail_msg("'%.*s' is accepted", STR_ARG(BAD[i]));
		assert_int_equal(seconds, UNTOUCHED);
	}
}

/* What is left of a good date after a cut is never read past its end, and is a
 * date only where it looks like one. */
static void test_parse_cut(void **state)
{
	static const char text[] = "2020-04-28 10:30:00.5 +0200 CEST";

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		int64_t seconds;
		bool whole = n == 10 || n == 16 || n == 19 || n == 21 || n == 25 || n == 27 ||
			     n >= 30;
		int result = date_parse(guarded((struct str){text, n < 32 ? n : 32}), &seconds);
		if (result != (whole ? 0 : -1))
			fail_msg("%zu bytes of it give %d", n, result);
	}
}

/* 2024-05-17T12:00:00Z */
static const int64_t NOW = 1715947200;

static const struct {
	const char *text;
	int64_t now;
	const char *iso; /* NULL: refused */
} HTTP[] = {
	{"Sun, 06 Nov 1994 08:49:37 GMT", NOW, "1994-11-06T08:49:37Z"},
	{"Sunday, 06-Nov-94 08:49:37 GMT", NOW, "1994-11-06T08:49:37Z"},
	{"Sun Nov  6 08:49:37 1994", NOW, "1994-11-06T08:49:37Z"},
	{"Wed Nov 16 08:49:37 1994", NOW, "1994-11-16T08:49:37Z"},
	{"Sun, 06 Nov 2094 08:49:37 GMT", NOW, "2094-11-06T08:49:37Z"},
	{"Thu, 29 Feb 2024 00:00:00 GMT", NOW, "2024-02-29T00:00:00Z"},
	{"Mon, 06 Nov 1994 08:49:37 GMT", NOW, "1994-11-06T08:49:37Z"}, /* it was a Sunday */
	/* two-digit years: 50 years ahead at most */
	{"Friday, 17-May-74 12:00:00 GMT", NOW, "2074-05-17T12:00:00Z"},
	{"Friday, 17-May-74 12:00:01 GMT", NOW, "1974-05-17T12:00:01Z"},
	{"Friday, 18-May-74 00:00:00 GMT", NOW, "1974-05-18T00:00:00Z"},
	{"Friday, 31-Dec-73 23:59:59 GMT", NOW, "2073-12-31T23:59:59Z"},
	{"Friday, 01-Jan-75 00:00:00 GMT", NOW, "1975-01-01T00:00:00Z"},
	{"Friday, 17-May-24 12:00:00 GMT", NOW, "2024-05-17T12:00:00Z"},
	{"Friday, 01-Jan-99 00:00:00 GMT", NOW, "1999-01-01T00:00:00Z"},
	{"Tuesday, 29-Feb-00 00:00:00 GMT", NOW, "2000-02-29T00:00:00Z"},
	{"Tuesday, 29-Feb-00 00:00:00 GMT", 4102444800 /* 2100 */, NULL}, /* 2100 had none */
	{"Friday, 01-Jan-10 00:00:00 GMT", 3786912000 /* 2090 */, "2110-01-01T00:00:00Z"},
	{"Friday, 01-Jan-21 00:00:00 GMT", 0, "1921-01-01T00:00:00Z"},
	{"Friday, 01-Jan-20 00:00:00 GMT", 0, "2020-01-01T00:00:00Z"},
	{"Friday, 01-Jan-49 00:00:00 GMT", 253402300799 /* 9999 */, "9949-01-01T00:00:00Z"},
	/* refused */
	{"", NOW, NULL},
	{"Sun", NOW, NULL},
	{"0", NOW, NULL},
	{"-1", NOW, NULL},
	{"1715947200", NOW, NULL},
	{"2020-04-28T00:00:00Z", NOW, NULL},
	{"06 Nov 1994 08:49:37 GMT", NOW, NULL},
	{"Sun, 06 Nov 1994 08:49:37", NOW, NULL},
	{"Sun, 06 Nov 1994 08:49:37 UTC", NOW, NULL},
	{"Sun, 06 Nov 1994 08:49:37 +0000", NOW, NULL},
	{"Sun, 06 Nov 1994 08:49:37 GMT; length=9", NOW, NULL},
	{"Sun, 06 Nov 1994 08:49:37 GMT ", NOW, NULL},
	{" Sun, 06 Nov 1994 08:49:37 GMT", NOW, NULL},
	{"sun, 06 nov 1994 08:49:37 gmt", NOW, NULL},
	{"SUN, 06 NOV 1994 08:49:37 GMT", NOW, NULL},
	{"Sun, 6 Nov 1994 08:49:37 GMT", NOW, NULL},
	{"Sun,06 Nov 1994 08:49:37 GMT", NOW, NULL},
	{"Sun, 06-Nov-1994 08:49:37 GMT", NOW, NULL},
	{"Sun, 06-Nov-94 08:49:37 GMT", NOW, NULL},
	{"Sunday, 06 Nov 1994 08:49:37 GMT", NOW, NULL},
	{"Sunday Nov  6 08:49:37 1994", NOW, NULL},
	{"Sun Nov 6 08:49:37 1994", NOW, NULL},
	{"Sun Nov 06 08:49:37 1994 GMT", NOW, NULL},
	{"Sun, 06 Nov 94 08:49:37 GMT", NOW, NULL},
	{"Sun, 00 Nov 1994 08:49:37 GMT", NOW, NULL},
	{"Sun, 31 Nov 1994 08:49:37 GMT", NOW, NULL},
	{"Sun, 30 Feb 2024 08:49:37 GMT", NOW, NULL},
	{"Wed, 29 Feb 2023 08:49:37 GMT", NOW, NULL},
	{"Sun, 06 Foo 1994 08:49:37 GMT", NOW, NULL},
	{"Foo, 06 Nov 1994 08:49:37 GMT", NOW, NULL},
	{"Sun, 06 Nov 1994 24:00:00 GMT", NOW, NULL},
	{"Sun, 06 Nov 1994 08:60:00 GMT", NOW, NULL},
	{"Sun, 06 Nov 1994 08:49:60 GMT", NOW, NULL},
	{"Sun, 06 Nov 1994 8:49:37 GMT", NOW, NULL},
	{"Sun, 06 Nov 0000 08:49:37 GMT", NOW, NULL},
};

static void test_parse_http(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(HTTP); i++) {
		int64_t seconds = UNTOUCHED;
		char iso[DATE_ISO_SIZE];
		struct str text = guarded(str_from(HTTP[i].text));
		int result = date_parse_http(text, HTTP[i].now, &seconds);
		if (result != (HTTP[i].iso ? 0 : -1))
			fail_msg("'%s' returned %d", HTTP[i].text, result);
		if (result) {
			assert_int_equal(seconds, UNTOUCHED);
			continue;
		}
		date_format_iso(seconds, iso);
		if (strcmp(iso, HTTP[i].iso) != 0)
			fail_msg("'%s' gave %s, not %s", HTTP[i].text, iso, HTTP[i].iso);
	}
}

/* No proper prefix of the three forms is a date, nor read past its end. */
static void test_parse_http_cut(void **state)
{
	(void)state;
	for (size_t form = 0; form < 3; form++) {
		struct str text = str_from(HTTP[form].text);
		for (size_t n = 0; n < text.n; n++) {
			int64_t seconds;
			assert_int_equal(date_parse_http(guarded(str_head(text, n)), NOW, &seconds),
					 -1);
		}
	}
}

static const struct {
	int64_t seconds;
	const char *iso, *http;
} FORMATS[] = {
	{0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
	{-1, "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"},
	{1588032000, "2020-04-28T00:00:00Z", "Tue, 28 Apr 2020 00:00:00 GMT"},
	{784111777, "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"},
	{951782400, "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 GMT"},
	{INT32_MAX, "2038-01-19T03:14:07Z", "Tue, 19 Jan 2038 03:14:07 GMT"},
	{(int64_t)INT32_MAX + 1, "2038-01-19T03:14:08Z", "Tue, 19 Jan 2038 03:14:08 GMT"},
	{-62135596800, "0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 GMT"},
	{253402300799, "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT"},
	/* the nearest that can be written */
	{-62135596801, "0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 GMT"},
	{253402300800, "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT"},
	{INT64_MIN, "0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 GMT"},
	{INT64_MAX, "9999-12-31T23:59:59Z", "Fri, 31 Dec 9999 23:59:59 GMT"},
};

static void test_format(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(FORMATS); i++) {
		char iso[DATE_ISO_SIZE], http[DATE_HTTP_SIZE];
		date_format_iso(FORMATS[i].seconds, iso);
		date_format_http(FORMATS[i].seconds, http);
		assert_string_equal(iso, FORMATS[i].iso);
		assert_string_equal(http, FORMATS[i].http);
		assert_int_equal(strlen(iso) + 1, DATE_ISO_SIZE);
		assert_int_equal(strlen(http) + 1, DATE_HTTP_SIZE);
	}
}

static void assert_split_as_libc(int64_t seconds)
{
	struct date date = date_split(seconds);
	time_t t = seconds;
	struct tm tm;

	assert_non_null(gmtime_r(&t, &tm));
	if (date.year != tm.tm_year + 1900 || date.month != tm.tm_mon + 1 ||
	    date.day != tm.tm_mday || date.hour != tm.tm_hour || date.minute != tm.tm_min ||
	    date.second != tm.tm_sec || date.weekday != tm.tm_wday)
		fail_msg("%lld is split wrongly", (long long)seconds);
	assert_int_equal(date_join(&date), seconds);
}

/* Each day of the 9999 years, at another time of the day each. */
static void test_split_every_day(void **state)
{
	(void)state;
	for (int64_t day = 0; EARLIEST + day * DAY < LATEST; day++)
		assert_split_as_libc(EARLIEST + day * DAY + day * 7919 % DAY);
	assert_split_as_libc(EARLIEST);
	assert_split_as_libc(LATEST);
}

/* What is written is read back, whatever zone and locale the process is in. */
static void test_round_trip(void **state)
{
	(void)state;
	setenv("TZ", "Pacific/Kiritimati", 1);
	tzset();
	for (int64_t seconds = EARLIEST; seconds <= LATEST; seconds += 31536000 / 4 + 12347) {
		char iso[DATE_ISO_SIZE], http[DATE_HTTP_SIZE];
		int64_t back;
		date_format_iso(seconds, iso);
		date_format_http(seconds, http);
		assert_int_equal(date_parse(guarded(str_from(iso)), &back), 0);
		assert_int_equal(back, seconds);
		assert_int_equal(date_parse_http(guarded(str_from(http)), NOW, &back), 0);
		assert_int_equal(back, seconds);
	}
	unsetenv("TZ");
	tzset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_parse_cut),
		cmocka_unit_test(test_parse_http),
		cmocka_unit_test(test_parse_http_cut),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_split_every_day),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
