/* locale.h: what the program says in each language, and how dates are written. */
#ifndef CARTOLINA_LOCALE_H
#define CARTOLINA_LOCALE_H

#include "arena.h"
#include "buf.h"

#include <stdint.h>

struct yaml_node;
struct locale_strings;

struct locale {
	const char *name; /* the language's own: "Italiano" */
	const char *dir;  /* "ltr" or "rtl" */
	/* The theme's file or NULL, and the built-in one; what is missing in one, the
	 * next answers. */
	const struct yaml_node *layers[2];
	struct locale_strings *built_in; /* of the built-in file, which has no others */
};

/* The built-in file for a tag, or for its beginning (pt-BR: pt-BR, pt), or else
 * the English one.  A file `locale/TAG.yaml` in the theme's
 * folder lies over it, key by key; a broken one is reported in err and passed
 * over.  A language without a file is written in the direction of its script. */
void locale_load(struct arena *arena, const char *tag, const char *theme, struct locale *out, struct buf *err);

/* The built-in strings are read when they are first asked for, into the arena of
 * locale_load(): a page has those of one language and the names of all.  This
 * reads them at once, for a process that answers many requests. */
void locale_prepare(const struct locale *locale);

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
