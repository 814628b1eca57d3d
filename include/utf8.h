/* utf8.h: reading UTF-8 (RFC 3629: no overlong forms, no surrogates). */
#ifndef CARTOLINA_UTF8_H
#define CARTOLINA_UTF8_H

#include "str.h"

#include <stdint.h>

#define UTF8_INVALID UINT32_MAX

/* Decodes the scalar value at the start of s and stores the bytes it took
 * (at least 1 when s is not empty).  UTF8_INVALID for a malformed sequence,
 * of which *length bytes are to be skipped; also for an empty s, with 0. */
uint32_t utf8_decode(struct str s, size_t *length);

/* The offset of the first malformed byte, or s.n when all is well. */
size_t utf8_check(struct str s);
static inline bool utf8_valid(struct str s)
{
	return utf8_check(s) == s.n;
}

/* The longest prefix of at most `limit` bytes that ends between characters. */
struct str utf8_head(struct str s, size_t limit);

#endif
