/* locale.h: what the program says in each language, and how dates are written. */
#ifndef CARTOLINA_LOCALE_H
#define CARTOLINA_LOCALE_H

#include "arena.h"
#include "buf.h"

#include <stdint.h>

struct yaml_node;

struct locale {
	const char *name; /* the language's own: "Italiano" */
	const char *dir;  /* "ltr" or "rtl" */
	/* The theme's file or NULL, and the built-in one; what is missing in one, the
	 * next answers. */
	const struct yaml_node *layers[2];
};

/* The built-in file for a tag, or for its beginning (pt-BR: pt-BR, pt), or else
 * the English one.  A file `locale/TAG.yaml` in the theme's
 * folder lies over it, key by key; a broken one is reported in err and passed
 * over.  A language without a file is written in the direction of its script. */
void locale_load(struct arena *arena, const char *tag, const char *theme, struct locale *out, struct buf *err);

/* A string by its key; "" where even English has none. */
struct str locale_string(const struct locale *locale, const char *key);
/* Every key that English has, in order: start with *at = NULL. */
bool locale_each(const struct locale *locale, const void **at, struct str *key, struct str *text);

/* The string with {name} replaced; names and values alternate, NULL ends. */
struct str locale_format(struct arena *arena, const struct locale *locale, const char *key, ...);

/* "28 aprile 2020" */
struct str locale_month(struct arena *arena, const struct locale *locale, int month);
struct str locale_date(struct arena *arena, const struct locale *locale, int64_t seconds);

#endif
