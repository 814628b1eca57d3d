/* wordmap.c: matches words in order; knows nothing of Markdown. */
#include "wordmap.h"

#include "utf8.h"

enum { LOOK_AHEAD = 100 /* words */ };

/* General Punctuation and « » are the typographer's. */
static bool in_word(struct str s, size_t *length)
{
	uint32_t c = utf8_decode(s, length);

	if (c < 0x80)
		return ascii_alnum((char)c);
	return c >= 0xc0 && !(c >= 0x2000 && c < 0x2070);
}

struct str wordmap_next(struct str *rest)
{
	size_t n, length;

	while (rest->n && !in_word(*rest, &length))
		*rest = str_skip(*rest, length);
	for (n = 0; n < rest->n && in_word(str_skip(*rest, n), &length);)
		n += length;
	struct str word = str_head(*rest, n);
	*rest = str_skip(*rest, n);
	return word;
}

size_t wordmap_reach(struct str source, struct str text)
{
	struct str rest = source, word;

	while ((word = wordmap_next(&text)).n) {
		struct str ahead = rest, candidate = word;
		for (int i = 0; i < LOOK_AHEAD && candidate.n; i++) {
			candidate = wordmap_next(&ahead);
			if (str_eq(candidate, word)) {
				rest = ahead;
				break;
			}
		}
	}
	return (size_t)(rest.p - source.p);
}
