/* staleness.h: whether a translation is of the text that its source has now.
 *
 * A translation keeps the hash of what was translated under `translatedFrom`
 * in its front matter.  Such hashes live in authors' files for years: the same
 * text must have the same hash in every version of the program.
 */
#ifndef CARTOLINA_STALENESS_H
#define CARTOLINA_STALENESS_H

#include "arena.h"
#include "frontmatter.h"

enum { STALENESS_HASH_SIZE = 17 };

/* Of a source's body, title, description, summary and twittercard: 16
 * lower-case hexadecimal digits and a NUL.  How lines end does not count, nor
 * does white space at the end of a line or of the text. */
void staleness_hash(struct arena *arena, const struct frontmatter *source,
		    char out[STALENESS_HASH_SIZE]);

enum staleness {
	STALENESS_CURRENT,
	STALENESS_UNKNOWN, /* the translation has no hash */
	STALENESS_STALE,
};

/* Both as 16 digits, in any case; translated_from is "" when there is none. */
enum staleness staleness_of(struct str source_hash, struct str translated_from);

#endif
