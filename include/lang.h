/* lang.h: language tags, and which of the languages at hand a reader gets.
 *
 * Tags are RFC 5646.  Inside the program a tag is compared in its normal form:
 * lower case, "-" between subtags.
 */
#ifndef CARTOLINA_LANG_H
#define CARTOLINA_LANG_H

#include "str.h"

#include <stddef.h>

/* Bytes of the longest tag accepted (RFC 5646 §4.4.1 asks for 35). */
#define LANG_LIMIT 35

/* Writes the normal form of a tag into out: ASCII lower case, "_" as "-".
 * -1 when `tag` is longer than LANG_LIMIT or not well-formed by the grammar of
 * RFC 5646 §2.1 (language, extlang, script, region, variants, extensions,
 * private use, grandfathered; no variant or extension singleton twice). */
int lang_normalise(struct str tag, char out[LANG_LIMIT + 1]) __attribute__((warn_unused_result));

/* The form RFC 5646 §2.1.1 recommends for show: zh-Hant-TW, from any case, "_"
 * as "-".  The tag is not checked; what passes LANG_LIMIT is cut off. */
void lang_format(struct str tag, char out[LANG_LIMIT + 1]);

/* RFC 4647 §3.3.1 for a single range: range "pt" matches "pt" and "pt-BR",
 * "*" any tag, an empty range none.  Both in any case. */
bool lang_covers(struct str range, struct str tag);

/* The languages at hand, in configured order (the first is the site's
 * default), with each one's own fallback chain. */
struct lang_known {
	const char *tag;             /* any case */
	const char *const *fallback; /* NULL-terminated; NULL for none */
};

/* Which available language serves a wanted one: RFC 4647 §3.4 Lookup
 * (it-CH -> it, single-letter subtags dropped with what follows), then Basic
 * Filtering (pt -> pt-BR, the first in order).  Nothing for an empty tag.
 * available[i] says whether known[i] may be chosen.  -1 for none. */
int lang_match(struct str wanted, const struct lang_known *known, const bool *available,
	       size_t count);

/* The same, then the fallback chains: of the configured language that `wanted`
 * matches although it is not available; the chain's tags are tried in order,
 * each by lang_match; chains of the fallbacks themselves are followed too,
 * after the whole of that chain, each language once (the first 64).  *fallback
 * says that the chain was needed and gave the result.  -1 for none. */
int lang_match_chain(struct str wanted, const struct lang_known *known, const bool *available,
		     size_t count, bool *fallback);

/* Accept-Language (RFC 9110 §12.5.4): the available language that the reader
 * likes best.  Ranges in order of weight, then of appearance, each matched as
 * by lang_match; a language is excluded when the longest range that covers it
 * has q=0; "*" is any language that no other range covers; malformed elements
 * are passed over, at most 32 are read.  -1 for none. */
int lang_accept(struct str header, const struct lang_known *known, const bool *available,
		size_t count);

#endif
