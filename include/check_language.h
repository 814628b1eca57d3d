/* check_language.h: which short words are names of languages. */
#ifndef CARTOLINA_CHECK_LANGUAGE_H
#define CARTOLINA_CHECK_LANGUAGE_H

#include "str.h"

/* True for tags that sites are written in: "fr", "pt-BR", "zh_Hant", "fil".  The
 * language is one of ISO 639-1, or one of the three-letter codes in use where
 * there is no shorter one; a script and a region may follow.  Not in the list:
 * constructed languages, whose codes (io) are more often something else. */
bool check_language_known(struct str tag);

#endif
