/* test_uri.c: decoding, normalising, query pairs, base URLs, resolution.
 *
 * Every input lies at the end of a page that is followed by one that may not
 * be read, so that a read past the end is a crash and not luck.
 */
#include "uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A copy of s against a forbidden page; two at a time, by slot. */
static struct str guarded(int slot, struct str s)
{
	static char *pages[2];
	enum { ROOM = 64 * 1024 };

	assert_true(s.n <= ROOM);
	if (!pages[slot]) {
		size_t guard = (size_t)sysconf(_SC_PAGESIZE);
		pages[slot] = mmap(NULL, ROOM + guard, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_true(pages[slot] != MAP_FAILED);
		assert_int_equal(mprotect(pages[slot] + ROOM, guard, PROT_NONE), 0);
	}
	char *copy = pages[slot] + ROOM - s.n;
	memcpy(copy, s.p, s.n);
	return (struct str){copy, s.n};
}

static struct str guarded_z(int slot, const char *z)
{
	return guarded(slot, str_from(z));
}

static void assert_str(struct str got, const char *expected, const char *input)
{
	if (!str_is(got, expected))
		fail_msg("'%s' gave '%.*s', not '%s'", input, STR_ARG(got), expected);
}

static const struct {
	struct str in;
	bool plus;
	const char *out; /* NULL: refused */
} DECODE[] = {
	{STR_LIT(""), false, ""},
	{STR_LIT("abc"), false, "abc"},
	{STR_LIT("a%20b"), false, "a b"},
	{STR_LIT("%2F%2f"), false, "//"},
	{STR_LIT("%c3%A9"), false, "\xc3\xa9"},
	{STR_LIT("\xc3%a9"), false, "\xc3\xa9"},
	{STR_LIT("\xc3\xa9"), false, "\xc3\xa9"},
	{STR_LIT("%F0%9F%93%AE"), false, "\xf0\x9f\x93\xae"},
	{STR_LIT("%252e"), false, "%2e"}, /* once */
	{STR_LIT("a+b"), false, "a+b"},
	{STR_LIT("a+b"), true, "a b"},
	{STR_LIT("a%2Bb"), true, "a+b"},
	{STR_LIT("%0d%0a"), false, "\r\n"},
	{STR_LIT("%"), false, NULL},
	{STR_LIT("a%"), false, NULL},
	{STR_LIT("a%2"), false, NULL},
	{STR_LIT("%%20"), false, NULL},
	{STR_LIT("%g0"), false, NULL},
	{STR_LIT("%0g"), false, NULL},
	{STR_LIT("%-1"), false, NULL},
	{STR_LIT("% 1"), false, NULL},
	{STR_LIT("%u0041"), false, NULL},
	{STR_LIT("a%00b"), false, NULL},
	{STR_LIT("a\0b"), false, NULL},
	{STR_LIT("%2\0"), false, NULL},
	{STR_LIT("%c0%af"), false, NULL},       /* "/", overlong */
	{STR_LIT("%e0%80%af"), false, NULL},    /* "/", overlong */
	{STR_LIT("%c0%80"), false, NULL},       /* NUL, overlong */
	{STR_LIT("%ed%a0%80"), false, NULL},    /* a surrogate */
	{STR_LIT("%f4%90%80%80"), false, NULL}, /* past U+10FFFF */
	{STR_LIT("%e2%82"), false, NULL},       /* cut */
	{STR_LIT("%ff"), false, NULL},
	{STR_LIT("%80"), false, NULL},
};

static void test_decode(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < COUNT(DECODE); i++) {
		struct str out = STR_LIT("untouched");
		int result = uri_decode(&arena, guarded(0, DECODE[i].in), DECODE[i].plus, &out);
		if (result != (DECODE[i].out ? 0 : -1))
			fail_msg("'%s' returned %d", DECODE[i].in.p, result);
		assert_str(out, DECODE[i].out ? DECODE[i].out : "untouched", DECODE[i].in.p);
		if (result == 0)
			assert_int_equal(out.p[out.n], 0);
	}
	arena_release(&arena);
}

/* Every byte, escaped in both cases of hexadecimal, is itself or refused. */
static void test_decode_every_byte(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (int c = 0; c < 256; c++) {
		for (int upper = 0; upper < 2; upper++) {
			char text[8];
			struct str out;
			snprintf(text, sizeof(text), upper ? "%%%02X" : "%%%02x", c);
			int result = uri_decode(&arena, guarded_z(0, text), false, &out);
			assert_int_equal(result, c > 0 && c < 0x80 ? 0 : -1);
			if (result == 0) {
				assert_int_equal(out.n, 1);
				assert_int_equal(out.p[0], c);
			}
		}
	}
	arena_release(&arena);
}

static const struct {
	struct str in;
	const char *out; /* NULL: refused */
} NORMALISE[] = {
	{STR_LIT("/"), "/"},
	{STR_LIT("/a"), "/a"},
	{STR_LIT("/a/"), "/a/"},
	{STR_LIT("/a/b.html"), "/a/b.html"},
	{STR_LIT("//"), "/"},
	{STR_LIT("///a////b//"), "/a/b/"},
	{STR_LIT("/."), "/"},
	{STR_LIT("/./"), "/"},
	{STR_LIT("/a/."), "/a/"},
	{STR_LIT("/a/./b"), "/a/b"},
	{STR_LIT("/a/.."), "/"},
	{STR_LIT("/a/../"), "/"},
	{STR_LIT("/a/../b"), "/b"},
	{STR_LIT("/a/b/.."), "/a/"},
	{STR_LIT("/a/b/../c"), "/a/c"},
	{STR_LIT("/a/b/../../c"), "/c"},
	{STR_LIT("/a//../b"), "/b"},
	{STR_LIT("/a/.//../b"), "/b"},
	{STR_LIT("/..."), "/..."},
	{STR_LIT("/.../x"), "/.../x"},
	{STR_LIT("/.a/..b/c."), "/.a/..b/c."},
	{STR_LIT("/a b/caf\xc3\xa9"), "/a b/caf\xc3\xa9"},
	{STR_LIT("/%2e%2e/x"), "/%2e%2e/x"}, /* not decoded again */
	{STR_LIT("/a?b#c"), "/a?b#c"},
	{STR_LIT(""), NULL},
	{STR_LIT("a"), NULL},
	{STR_LIT("a/b"), NULL},
	{STR_LIT("../a"), NULL},
	{STR_LIT("/.."), NULL},
	{STR_LIT("/../"), NULL},
	{STR_LIT("/../a"), NULL},
	{STR_LIT("//../a"), NULL},
	{STR_LIT("/a/../.."), NULL},
	{STR_LIT("/a/../../b"), NULL},
	{STR_LIT("/./../a"), NULL},
	{STR_LIT("/a\\b"), NULL},
	{STR_LIT("/..\\a"), NULL},
	{STR_LIT("/a\nb"), NULL},
	{STR_LIT("/a\rb"), NULL},
	{STR_LIT("/a\0b"), NULL},
	{STR_LIT("/a\x1f"), NULL},
	{STR_LIT("/a\x7f"), NULL},
	{STR_LIT("/a\xc2\x85"), NULL}, /* U+0085, a control character */
	{STR_LIT("/a\xff"), NULL},
	{STR_LIT("/a\xc3"), NULL},
	{STR_LIT("/\xc0\xae\xc0\xae/"), NULL},
};

static void test_normalise(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < COUNT(NORMALISE); i++) {
		struct str in = NORMALISE[i].in, out = STR_LIT("untouched");
		bool changed = false;
		int result = uri_normalise(&arena, guarded(0, in), &out, &changed);
		if (result != (NORMALISE[i].out ? 0 : -1))
			fail_msg("'%s' returned %d", in.p, result);
		assert_str(out, NORMALISE[i].out ? NORMALISE[i].out : "untouched", in.p);
		assert_int_equal(changed, NORMALISE[i].out && !str_is(in, NORMALISE[i].out));
	}
	arena_release(&arena);
}

/* The same by a list of segments; false when it climbs above the root. */
static bool normalise_naively(const char *path, char *out)
{
	const char *segments[16];
	size_t lengths[16], count = 0;
	bool folder = true;

	for (const char *at = path + 1;; at++) {
		size_t n = strcspn(at, "/");
		bool dots = (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.');
		if (dots && n == 2 && count-- == 0)
			return false;
		if (n && !dots) {
			segments[count] = at;
			lengths[count++] = n;
		}
		folder = !n || dots;
		at += n;
		if (!*at)
			break;
	}
	char *end = out;
	for (size_t i = 0; i < count; i++)
		end += sprintf(end, "/%.*s", (int)lengths[i], segments[i]);
	strcpy(end, folder || !count ? "/" : "");
	return true;
}

/* The number'th text over an alphabet, of that many characters. */
static void spell(char *text, size_t length, unsigned number, const char *alphabet)
{
	unsigned base = (unsigned)strlen(alphabet);

	for (size_t i = 0; i < length; i++, number /= base)
		text[i] = alphabet[number % base];
	text[length] = 0;
}

/* Every path of "/", "." and "a" up to eight characters after the slash. */
static void test_normalise_all_short_paths(void **state)
{
	struct arena arena;
	unsigned words = 1;

	(void)state;
	arena_init(&arena, 0);
	for (size_t length = 0; length <= 8; length++, words *= 3) {
		for (unsigned number = 0; number < words; number++) {
			char path[16] = "/", expected[16];
			struct str out, again;
			bool changed;
			spell(path + 1, length, number, "/.a");
			bool good = normalise_naively(path, expected);
			int result = uri_normalise(&arena, guarded_z(0, path), &out, &changed);
			assert_int_equal(result, good ? 0 : -1);
			if (!good)
				continue;
			assert_str(out, expected, path);
			assert_int_equal(uri_normalise(&arena, out, &again, &changed), 0);
			assert_false(changed);
		}
		arena_reset(&arena);
	}
	arena_release(&arena);
}

/* A long climb is linear: 32,000 times down and up again. */
static void test_normalise_long(void **state)
{
	static char path[64 * 1024];
	struct arena arena;
	struct str out;
	bool changed;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i + 5 <= sizeof(path); i += 5)
		memcpy(path + i, i < sizeof(path) / 2 ? "/abcd" : "/../.", 5);
	struct str in = {path, sizeof(path) / 5 * 5};
	assert_int_equal(uri_normalise(&arena, guarded(0, in), &out, &changed), 0);
	assert_true(changed);
	arena_release(&arena);
}

static const struct {
	const char *query;
	const char *pairs; /* name=value, each in brackets */
} PAIRS[] = {
	{"", ""},
	{"&", ""},
	{"&&&", ""},
	{"a", "[a=]"},
	{"a=", "[a=]"},
	{"a=1", "[a=1]"},
	{"a=1&b=2", "[a=1][b=2]"},
	{"&a=1&&b=2&", "[a=1][b=2]"},
	{"a=1=2", "[a=1=2]"},
	{"a==", "[a==]"},
	{"=x", "[=x]"},
	{"=", "[=]"},
	{"a=1;b=2", "[a=1;b=2]"},
	{"a%3D1=%26&+b+=+", "[a%3D1=%26][+b+=+]"}, /* as sent */
	{"a=1&a=2", "[a=1][a=2]"},
	{"lang=it&view=full#x", "[lang=it][view=full#x]"},
};

static void test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(PAIRS); i++) {
		struct str query = guarded_z(0, PAIRS[i].query);
		struct uri_pair pair;
		char found[128] = "", *at = found;

		while (uri_pair_next(&query, &pair))
			at += sprintf(at, "[%.*s=%.*s]", STR_ARG(pair.name), STR_ARG(pair.value));
		assert_string_equal(found, PAIRS[i].pairs);
		assert_false(uri_pair_next(&query, &pair));
	}
}

static const struct {
	const char *url, *origin, *path; /* origin NULL: refused */
} BASES[] = {
	{"https://example.org", "https://example.org", ""},
	{"https://example.org/", "https://example.org", "/"},
	{"https://example.org/blog/", "https://example.org", "/blog/"},
	{"http://example.org:8080/a/b", "http://example.org:8080", "/a/b"},
	{"HTTPS://Example.org/X", "HTTPS://Example.org", "/X"},
	{"http://127.0.0.1/", "http://127.0.0.1", "/"},
	{"http://[::1]:8080/", "http://[::1]:8080", "/"},
	{"http://[2001:db8::192.0.2.1]", "http://[2001:db8::192.0.2.1]", ""},
	{"https://xn--caf-dma.example/caf%C3%A9/", "https://xn--caf-dma.example", "/caf%C3%A9/"},
	{"https://example.org/a:b@c/", "https://example.org", "/a:b@c/"},
	{"", NULL, NULL},
	{"/blog/", NULL, NULL},
	{"//example.org/", NULL, NULL},
	{"example.org/blog/", NULL, NULL},
	{"https:", NULL, NULL},
	{"https:/", NULL, NULL},
	{"https://", NULL, NULL},
	{"https:///blog", NULL, NULL},
	{"https:/example.org/", NULL, NULL},
	{"https:example.org", NULL, NULL},
	{"ftp://example.org/", NULL, NULL},
	{"httpsx://example.org/", NULL, NULL},
	{"javascript://example.org/", NULL, NULL},
	{"https://user@example.org/", NULL, NULL},
	{"https://user:pass@example.org/", NULL, NULL},
	{"https://@example.org/", NULL, NULL},
	{"https://example.org/?", NULL, NULL},
	{"https://example.org/?a=b", NULL, NULL},
	{"https://example.org?a", NULL, NULL},
	{"https://example.org/#", NULL, NULL},
	{"https://example.org/#x", NULL, NULL},
	{"https://example.org:/", NULL, NULL},
	{"https://example.org:0/", NULL, NULL},
	{"https://example.org:x/", NULL, NULL},
	{"https://example.org:65536/", NULL, NULL},
	{"https://example.org:99999999999999999999/", NULL, NULL},
	{"https://:80/", NULL, NULL},
	{"https://a:1:2/", NULL, NULL},
	{"http://[::1/", NULL, NULL},
	{"http://[]/", NULL, NULL},
	{"http://[:]/", NULL, NULL},
	{"http://[::1]x/", NULL, NULL},
	{"http://[evil]/", NULL, NULL},
	{"https://example.org/a b", NULL, NULL},
	{"https://example.org/\"><script>", NULL, NULL},
	{"https://exa mple.org/", NULL, NULL},
	{"https://example.org/a\r\nSet-Cookie: x", NULL, NULL},
	{"https://example.org/%", NULL, NULL},
	{"https://example.org/%2", NULL, NULL},
	{"https://example.org/\xc3\xa9", NULL, NULL},
	{"https://example.org\\evil.example/", NULL, NULL},
	{" https://example.org/", NULL, NULL},
};

static void test_split_base(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(BASES); i++) {
		struct str origin = STR_LIT("untouched"), path = STR_LIT("untouched");
		int result = uri_split_base(guarded_z(0, BASES[i].url), &origin, &path);
		bool good = BASES[i].origin;
		if (result != (good ? 0 : -1))
			fail_msg("'%s' returned %d", BASES[i].url, result);
		assert_str(origin, good ? BASES[i].origin : "untouched", BASES[i].url);
		assert_str(path, good ? BASES[i].path : "untouched", BASES[i].url);
	}
	struct str origin, path;
	assert_int_equal(uri_split_base(STR_LIT("http://a\0b/"), &origin, &path), -1);
	assert_int_equal(uri_split_base(STR_LIT("http://a/\0"), &origin, &path), -1);
}

#define RFC_BASE "http://a/b/c/d;p?q"

static const struct {
	const char *base, *reference, *out;
} RESOLVE[] = {
	/* RFC 3986 §5.4.1, normal examples */
	{RFC_BASE, "g:h", "g:h"},
	{RFC_BASE, "g", "http://a/b/c/g"},
	{RFC_BASE, "./g", "http://a/b/c/g"},
	{RFC_BASE, "g/", "http://a/b/c/g/"},
	{RFC_BASE, "/g", "http://a/g"},
	{RFC_BASE, "//g", "http://g"},
	{RFC_BASE, "?y", "http://a/b/c/d;p?y"},
	{RFC_BASE, "g?y", "http://a/b/c/g?y"},
	{RFC_BASE, "#s", "http://a/b/c/d;p?q#s"},
	{RFC_BASE, "g#s", "http://a/b/c/g#s"},
	{RFC_BASE, "g?y#s", "http://a/b/c/g?y#s"},
	{RFC_BASE, ";x", "http://a/b/c/;x"},
	{RFC_BASE, "g;x", "http://a/b/c/g;x"},
	{RFC_BASE, "g;x?y#s", "http://a/b/c/g;x?y#s"},
	{RFC_BASE, "", "http://a/b/c/d;p?q"},
	{RFC_BASE, ".", "http://a/b/c/"},
	{RFC_BASE, "./", "http://a/b/c/"},
	{RFC_BASE, "..", "http://a/b/"},
	{RFC_BASE, "../", "http://a/b/"},
	{RFC_BASE, "../g", "http://a/b/g"},
	{RFC_BASE, "../..", "http://a/"},
	{RFC_BASE, "../../", "http://a/"},
	{RFC_BASE, "../../g", "http://a/g"},
	/* §5.4.2, abnormal examples */
	{RFC_BASE, "../../../g", "http://a/g"},
	{RFC_BASE, "../../../../g", "http://a/g"},
	{RFC_BASE, "/./g", "http://a/g"},
	{RFC_BASE, "/../g", "http://a/g"},
	{RFC_BASE, "g.", "http://a/b/c/g."},
	{RFC_BASE, ".g", "http://a/b/c/.g"},
	{RFC_BASE, "g..", "http://a/b/c/g.."},
	{RFC_BASE, "..g", "http://a/b/c/..g"},
	{RFC_BASE, "./../g", "http://a/b/g"},
	{RFC_BASE, "./g/.", "http://a/b/c/g/"},
	{RFC_BASE, "g/./h", "http://a/b/c/g/h"},
	{RFC_BASE, "g/../h", "http://a/b/c/h"},
	{RFC_BASE, "g;x=1/./y", "http://a/b/c/g;x=1/y"},
	{RFC_BASE, "g;x=1/../y", "http://a/b/c/y"},
	{RFC_BASE, "g?y/./x", "http://a/b/c/g?y/./x"},
	{RFC_BASE, "g?y/../x", "http://a/b/c/g?y/../x"},
	{RFC_BASE, "g#s/./x", "http://a/b/c/g#s/./x"},
	{RFC_BASE, "g#s/../x", "http://a/b/c/g#s/../x"},
	{RFC_BASE, "http:g", "http:g"},
	/* what a blog meets */
	{"https://example.org", "img/x.png", "https://example.org/img/x.png"},
	{"https://example.org", "", "https://example.org"},
	{"https://example.org", "..", "https://example.org/"},
	{"https://example.org/blog/posts/x", "../img/x.png", "https://example.org/blog/img/x.png"},
	{"https://example.org/blog/", "/img/x.png", "https://example.org/img/x.png"},
	{"https://example.org/blog/", "mailto:me@example.org", "mailto:me@example.org"},
	{"https://example.org/blog/", "//cdn.example/x?y", "https://cdn.example/x?y"},
	{"https://example.org/blog/", "HTTP://Other.example/A", "HTTP://Other.example/A"},
	{"https://example.org/blog/", "data:image/png;base64,AA//", "data:image/png;base64,AA//"},
	{"https://example.org/blog/", "1:x", "https://example.org/blog/1:x"},
	{"https://example.org/blog/", "./a:b", "https://example.org/blog/a:b"},
	{"https://example.org/blog/", "?", "https://example.org/blog/?"},
	{"https://example.org/blog/?q", "#", "https://example.org/blog/?q#"},
	{"https://example.org/a#old", "", "https://example.org/a"},
	{"https://example.org/a", "b?c?d#e#f", "https://example.org/b?c?d#e#f"},
	{"https://example.org?q", "?r", "https://example.org?r"},
	{"https://example.org/a/", "b//../c", "https://example.org/a/b/c"},
	/* no authority: the path must not turn into one */
	{"s:/a", "/..//evil.example", "s:/.//evil.example"},
	{"s:a/b", "c", "s:a/c"},
	{"s:a", "../c", "s:c"},
};

static void test_resolve(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < COUNT(RESOLVE); i++) {
		struct str out = uri_resolve(&arena, guarded_z(0, RESOLVE[i].base),
					     guarded_z(1, RESOLVE[i].reference));
		assert_str(out, RESOLVE[i].out, RESOLVE[i].reference);
		assert_int_equal(out.p[out.n], 0);
	}
	arena_release(&arena);
}

/* RFC 3986 §5.2.4 word for word, with an input and an output buffer. */
static void remove_naively(const char *path, char *out)
{
	char in[32], *at = in;
	size_t n = 0;

	strcpy(in, path);
	while (*at) {
		bool up = !strncmp(at, "/../", 4) || !strcmp(at, "/..");
		if (!strncmp(at, "../", 3)) {
			at += 3;
		} else if (!strncmp(at, "./", 2)) {
			at += 2;
		} else if (!strncmp(at, "/./", 3)) {
			at += 2;
		} else if (!strcmp(at, "/.")) {
			strcpy(at, "/");
		} else if (up) {
			at += at[3] ? 3 : 2;
			*at = '/';
			while (n && out[--n] != '/')
				;
		} else if (!strcmp(at, ".") || !strcmp(at, "..")) {
			*at = 0;
		} else {
			do
				out[n++] = *at++;
			while (*at && *at != '/');
		}
	}
	out[n] = 0;
}

static void test_resolve_all_short_paths(void **state)
{
	struct arena arena;
	unsigned words = 1;

	(void)state;
	arena_init(&arena, 0);
	for (size_t length = 0; length <= 8; length++, words *= 3) {
		for (unsigned number = 0; number < words; number++) {
			char reference[16] = "s:", expected[32], clean[16];
			spell(reference + 2, length, number, "/.a");
			if (!strncmp(reference + 2, "//", 2))
				continue; /* an authority */
			remove_naively(reference + 2, clean);
			sprintf(expected, "s:%s%s", strncmp(clean, "//", 2) ? "" : "/.", clean);
			struct str in = guarded_z(0, reference);
			assert_str(uri_resolve(&arena, STR_LIT("http://h/"), in), expected,
				   reference);
		}
		arena_reset(&arena);
	}
	arena_release(&arena);
}

static void test_has_scheme(void **state)
{
	static const char *const with[] = {
		"https://x", "mailto:x", "a:", "A+b-c.1:x", "javascript:x",
	};
	static const char *const without[] = {
		"",   "/",   "//x",     "x",    "x/y:z", "?a:b", "#a:b", ":x",
		"1:x", "-a:x", "a b:x", "./a:b", "https", "caf\xc3\xa9:x",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(with); i++)
		assert_true(uri_has_scheme(guarded_z(0, with[i])));
	for (size_t i = 0; i < COUNT(without); i++)
		assert_false(uri_has_scheme(guarded_z(0, without[i])));
	assert_false(uri_has_scheme(STR_LIT("a\0:x")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_decode_every_byte),
		cmocka_unit_test(test_normalise),
		cmocka_unit_test(test_normalise_all_short_paths),
		cmocka_unit_test(test_normalise_long),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_split_base),
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_resolve_all_short_paths),
		cmocka_unit_test(test_has_scheme),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
