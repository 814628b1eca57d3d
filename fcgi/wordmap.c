/* wordmap.c: matches words in order; knows nothing of Markdown. */
#include "wordmap.h"

#include "unicode.h"
#include "utf8.h"

enum {
	LOOK_AHEAD = 100, /* words */
	NEAR = 4,         /* words */
	LOOKS = 8,        /* how often the whole source may be looked at: hostile texts match nowhere */
	LEAST = 100000,   /* bytes to look at in any case */
};

/* General Punctuation and « » are the typographer's. */
static bool in_word(uint32_t c)
{
	if (c < 0x80)
		return ascii_alnum((char)c);
	return c >= 0xc0 && !(c >= 0x2000 && c < 0x2070) && !(c >= 0x3000 && c < 0x3004) && c != UTF8_INVALID;
}

/* Takes the next word off *rest; empty at the end.  A word is letters and
 * digits of any script; marks that a typographer may have put in are not.  Of
 * scripts without spaces each character is one: emphasis may begin anywhere. */
static struct str next_word(struct str *rest)
{
	struct str word = {rest->p, 0};
	size_t length;

	for (; rest->n; *rest = str_skip(*rest, length)) {
		uint32_t c = utf8_decode(*rest, &length);
		bool inside = in_word(c), alone = inside && unicode_in_unspaced_script(c);
		if (word.n && (alone || !inside))
			break;
		if (!word.n)
			word.p = rest->p;
		word.n += inside ? length : 0;
		if (alone) {
			*rest = str_skip(*rest, length);
			break;
		}
	}
	return word;
}

struct matcher {
	struct str source; /* what is left of it */
	struct str text;
	size_t reach;      /* words to look at for the next one */
	size_t budget;     /* bytes that may still be looked at */
};

static bool stands_near(struct str source, struct str word)
{
	for (int i = 0; i < NEAR; i++)
		if (str_eq(next_word(&source), word))
			return true;
	return false;
}

/* Passes the next word of the text, in the source too if it is found there.
 * One that is not near has to have its neighbour with it: "the" is everywhere. */
static bool pass_word(struct matcher *m)
{
	struct str word = next_word(&m->text), after = m->text, ahead = m->source, candidate;
	struct str neighbour = next_word(&after);

	for (size_t i = 0; i < m->reach; i++) {
		const char *start = ahead.p;
		candidate = next_word(&ahead);
		size_t cost = (size_t)(ahead.p - start);
		m->budget -= cost < m->budget ? cost : m->budget;
		if (!candidate.n || !m->budget)
			return false;
		if (str_eq(candidate, word) && (i < NEAR || stands_near(ahead, neighbour))) {
			m->source = ahead;
			return true;
		}
	}
	return false;
}

/* After several words in a row that did not come, one is looked for further
 * on: behind a long address or a drawing. */
size_t wordmap_reach(struct str source, struct str text)
{
	struct matcher m = {source, text, LOOK_AHEAD, LOOKS * source.n + LEAST};

	while (m.budget && m.text.n) {
		if (pass_word(&m))
			m.reach = LOOK_AHEAD;
		else if (m.reach < source.n)
			m.reach *= 2;
	}
	return (size_t)(m.source.p - source.p);
}
