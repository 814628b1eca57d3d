/* hash.c: the only file that knows xxhash.h, which is compiled in here: no
 * library is loaded for it. */
#include "hash.h"

#define XXH_INLINE_ALL
#include <stdio.h>
#include <xxhash.h>

uint64_t hash64(struct str s)
{
	return XXH3_64bits(s.p, s.n);
}

uint64_t hash64_add(uint64_t so_far, struct str s)
{
	return XXH3_64bits_withSeed(s.p, s.n, so_far * 31 + s.n + 1);
}

void hash128_hex(struct str s, char out[HASH_HEX_SIZE])
{
	XXH128_hash_t h = XXH3_128bits(s.p, s.n);

	snprintf(out, HASH_HEX_SIZE, "%016llx%016llx", (unsigned long long)h.high64,
		 (unsigned long long)h.low64);
}
