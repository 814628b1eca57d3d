/* utf8.c: UTF-8 decoding by the table of RFC 3629 §4. */
#include "utf8.h"

uint32_t utf8_decode(struct str s, size_t *length)
{
	*length = s.n ? 1 : 0;
	if (!s.n)
		return UTF8_INVALID;

	const unsigned char *p = (const unsigned char *)s.p;
	unsigned char lead = p[0];
	if (lead < 0x80)
		return lead;

	size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
	if (lead < 0xc2 || lead > 0xf4 || s.n < n)
		return UTF8_INVALID;
	/* The second byte's range rules out overlong forms and surrogates. */
	unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
	if (p[1] < low || p[1] > high)
		return UTF8_INVALID;
	uint32_t c = lead & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return UTF8_INVALID;
		c = c << 6 | (p[i] & 0x3f);
	}
	*length = n;
	return c;
}

static bool eight_ascii(const char *p)
{
	uint64_t eight;

	memcpy(&eight, p, sizeof(eight));
	return !(eight & 0x8080808080808080u);
}

size_t utf8_check(struct str s)
{
	size_t at = 0;

	while (at < s.n) {
		size_t n;
		if (s.n - at >= 8 && eight_ascii(s.p + at)) {
			at += 8;
			continue;
		}
		if ((unsigned char)s.p[at] < 0x80) {
			at++;
			continue;
		}
		if (utf8_decode(str_skip(s, at), &n) == UTF8_INVALID)
			return at;
		at += n;
	}
	return at;
}

struct str utf8_head(struct str s, size_t limit)
{
	if (s.n <= limit)
		return s;
	/* Only a lead byte among the last three can reach across the limit. */
	for (size_t back = 1; back <= 3 && back <= limit; back++) {
		size_t n;
		utf8_decode(str_skip(s, limit - back), &n);
		if (n > back)
			return str_head(s, limit - back);
	}
	return str_head(s, limit);
}
