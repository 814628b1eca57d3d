/* check_translation.h: languages and translations over a whole site. */
#ifndef CARTOLINA_CHECK_TRANSLATION_H
#define CARTOLINA_CHECK_TRANSLATION_H

#include "check_site.h"

/* language/unknown-suffix, language/unknown-folder, translation/duplicate (an
 * error), translation/no-source, translation/untranslated.  files: all, in byte
 * order of their names. */
void check_translation(struct arena *arena, const struct config *config, struct check_file *files,
		       size_t count);

#endif
