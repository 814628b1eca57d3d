/* resource.h: the files of conf/theme and conf/locale, built into the program. */
#ifndef CARTOLINA_RESOURCE_H
#define CARTOLINA_RESOURCE_H

#include "str.h"

/* "theme/post.mustache", "locale/it.yaml".  False when there is none. */
bool resource_find(const char *name, struct str *content);
/* The name of the i-th, or NULL past the last. */
const char *resource_name(size_t i);

#endif
