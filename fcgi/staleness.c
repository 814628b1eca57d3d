/* staleness.c: the text that a translator worked from -> a hash.
 *
 * In:  a source post's front matter and body.
 * Out: a hash that differs when there is something new to translate.
 * Deliberately without dates, tags, images and the keys that only a theme
 * knows: a new tag is no reason to read a whole article again.
 */
#include "staleness.h"

#include "hash.h"

#include <stdio.h>

/* "\n", "\r\n" and "\r" all end a line. */
static struct str take_line(struct str *rest)
{
	size_t n = 0;

	while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	struct str line = str_head(*rest, n);
	bool both = n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n';
	*rest = str_skip(*rest, n + (both ? 2 : 1));
	while (line.n && ascii_space(line.p[line.n - 1]))
		line.n--;
	return line;
}

static struct str plain(struct arena *arena, struct str text)
{
	char *out = arena_alloc(arena, text.n);
	size_t n = 0, ends = 0;

	while (text.n) {
		struct str line = take_line(&text);
		if (line.n) {
			memset(out + n, '\n', ends);
			memcpy(out + n + ends, line.p, line.n);
			n += ends + line.n;
			ends = 0;
		}
		ends++;
	}
	return (struct str){out, n};
}

void staleness_hash(struct arena *arena, const struct frontmatter *source,
		    char out[STALENESS_HASH_SIZE])
{
	const struct str parts[] = {source->title, source->description, source->summary,
				    source->twitter_card, source->body};
	uint64_t hash = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		hash = hash64_add(hash, plain(arena, parts[i]));
	snprintf(out, STALENESS_HASH_SIZE, "%016llx", (unsigned long long)hash);
}

enum staleness staleness_of(struct str source_hash, struct str translated_from)
{
	if (!translated_from.n)
		return STALENESS_UNKNOWN;
	return str_eq_fold(source_hash, translated_from) ? STALENESS_CURRENT : STALENESS_STALE;
}
