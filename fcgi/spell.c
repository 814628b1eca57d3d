/* spell.c: Damerau-Levenshtein distance (optimal string alignment) on short words. */
#include "spell.h"

enum { WORD_LIMIT = 40 };

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

static unsigned distance(struct str a, struct str b)
{
	unsigned rows[3][WORD_LIMIT + 1];

	for (unsigned j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			char x = ascii_lower(a.p[i - 1]), y = ascii_lower(b.p[j - 1]);
			row[j] = smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == ascii_lower(b.p[j - 2]) &&
			    ascii_lower(a.p[i - 2]) == y && above2[j - 2] + 1 < row[j])
				row[j] = above2[j - 2] + 1;
		}
	}
	return rows[a.n % 3][b.n];
}

const char *spell_nearest(struct str word, const char *const *known)
{
	const char *best = NULL;
	unsigned least = (unsigned)word.n / 3 + 1;

	if (word.n > WORD_LIMIT)
		return NULL;
	for (; *known; known++) {
		struct str candidate = str_from(*known);
		if (candidate.n > WORD_LIMIT)
			continue;
		unsigned d = distance(word, candidate);
		if (d < least) {
			least = d;
			best = *known;
		}
	}
	return best;
}
