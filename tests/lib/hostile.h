/* hostile.h: for tests of parsers: memory that ends where the input ends, and
 * texts made to be slow.  Header only, for one test program each.
 */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include "str.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* A copy whose last byte is the last before a page that may not be touched:
 * one byte read too far ends the test.  guard_free() it. */
static inline struct str guard_copy(struct str s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (s.n + page - 1) / page * page;
	char *p = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	if (p == MAP_FAILED || mprotect(p + room, page, PROT_NONE)) {
		perror("guard page");
		abort();
	}
	if (s.n)
		memcpy(p + room - s.n, s.p, s.n);
	return (struct str){p + room - s.n, s.n};
}

static inline void guard_free(struct str s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (s.n + page - 1) / page * page;

	munmap((char *)(s.p + s.n) - room, room + page);
}

/* Runs `parse` on s and on everything that s begins with, at a guard page. */
static inline void guard_prefixes(struct str s, void (*parse)(struct str))
{
	for (size_t n = 0; n <= s.n; n++) {
		struct str copy = guard_copy(str_head(s, n));
		parse(copy);
		guard_free(copy);
	}
}

/* Units that, repeated, have made HTML tools slow or deep. */
static const char *const HOSTILE[] = {
	"a", " ", "a ", "a/", "a.b", "@.", "://", "\xc2\xa0" "a", "\xff", "\xf0\x9f", "\xcc\x81",
	"\xe6\xbc\xa2", "\xe6\xbc\xa2\"", "\"", "'", "\"a\" ", "'a' ", "a'", " 'a", "--", "-- ",
	" --a", "...", "&", "&#", "&#x110000;", "&amp", "&quot;", "<", "</", "<a", "<a>", "</a>",
	"<a b=\"", "<a b='c' ", "<!--", "<!---->", "<!-- -- ", "<![CDATA[", "<p>", "<h1>", "<h1>a",
	"<h2>a</h2>", "<h2>a</h2><h2>a-1</h2>", "<i id=a>", "<img src=/a.png>",
	"<img src=/a.png alt=", "<title>", "<script></", "<template>", "<code>", "<pre>\n",
	"<svg><title/>", "<a rel=footnote>x", "<video>",
};
enum { HOSTILE_COUNT = sizeof(HOSTILE) / sizeof(HOSTILE[0]) };

/* `bytes` bytes of it, cut where they end.  free() it. */
static inline struct str hostile_repeat(const char *unit, size_t bytes)
{
	size_t n = strlen(unit);
	char *p = malloc(bytes + 1);

	if (!p)
		abort();
	for (size_t i = 0; i < bytes; i++)
		p[i] = unit[i % n];
	p[bytes] = 0;
	return (struct str){p, bytes};
}

static inline double hostile_seconds(struct str s, void (*parse)(struct str))
{
	struct timespec start, end;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	parse(s);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	return (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
}

/* Runs `parse` on a quarter and on a whole megabyte of every unit and tells
 * the slowest: four times the time is linear.  Times are for people: machines
 * are busy. */
static inline void hostile_time(const char *what, void (*parse)(struct str))
{
	enum { WHOLE = 1000 * 1000 };
	double slowest = 0, ratio = 0;
	const char *which = "";

	for (int i = 0; i < HOSTILE_COUNT; i++) {
		struct str s = hostile_repeat(HOSTILE[i], WHOLE);
		double part = hostile_seconds(str_head(s, WHOLE / 4), parse);
		double whole = hostile_seconds(s, parse);
		if (whole > slowest) {
			slowest = whole;
			ratio = part > 0 ? whole / part : 0;
			which = HOSTILE[i];
		}
		free((char *)s.p);
	}
	printf("# %s: slowest 1 MB is of '%s': %.3f s, %.1f times a quarter of it\n", what, which,
	       slowest, ratio);
}

#endif
