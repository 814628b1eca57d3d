/* unicode.h: the few facts about characters that prose rules need, without a
 * locale: the same answer on every machine.
 */
#ifndef CARTOLINA_UNICODE_H
#define CARTOLINA_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

/* Letters, combining marks and decimal digits of every script: general
 * categories L, M and Nd. */
bool unicode_is_word(uint32_t c);

/* White space at which a line may break: no-break spaces are not. */
bool unicode_is_space(uint32_t c);

/* The control characters of ASCII and Latin-1: category Cc. */
bool unicode_is_control(uint32_t c);

/* Letters and digits of the scripts that put no spaces between words: Han,
 * Hiragana, Katakana, Thai, Lao, Khmer, Myanmar. */
bool unicode_is_unspaced(uint32_t c);
/* Any character of those scripts, their combining marks too. */
bool unicode_in_unspaced_script(uint32_t c);

/* Simple lower-case mapping; c itself where there is none. */
uint32_t unicode_lower(uint32_t c);

#endif
