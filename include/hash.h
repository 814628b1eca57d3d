/* hash.h: fast content hashes (XXH3).  Not for secrets: who can choose both of
 * two texts can make them collide; an ETag or a change check needs no more. */
#ifndef CARTOLINA_HASH_H
#define CARTOLINA_HASH_H

#include "str.h"

#include <stdint.h>

uint64_t hash64(struct str s);
/* Chains several parts: start with 0.  Lengths count, so ("ab","c") and
 * ("a","bc") differ. */
uint64_t hash64_add(uint64_t so_far, struct str s);

enum { HASH_HEX_SIZE = 33 };
/* 128 bits as 32 lower-case hexadecimal digits and a NUL. */
void hash128_hex(struct str s, char out[HASH_HEX_SIZE]);

#endif
