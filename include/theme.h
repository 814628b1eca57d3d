/* theme.h: compiled templates and strings: the built-in ones, each of which a
 * file of the same name in the theme's folder replaces. */
#ifndef CARTOLINA_THEME_H
#define CARTOLINA_THEME_H

#include "config.h"
#include "locale.h"
#include "template.h"

struct theme;

/* Never NULL: a broken file of the site's is reported in problems
 * ("path:line:column: error: message [template/rule]\n") and the built-in one
 * stands in for it. */
struct theme *theme_load(const struct config *config, struct buf *problems);
void theme_free(struct theme *theme);
/* Compiles at once what else waits for its first use, for a process that
 * answers many requests: when memory runs out then, there is no way out of a
 * request. */
void theme_prepare(struct theme *theme);

/* Changes whenever a file of the theme's folder does. */
uint64_t theme_signature(const struct config *config);
/* When the newest of its files changed; 0 for the built-in ones. */
int64_t theme_mtime(const struct theme *theme);

const struct locale *theme_locale(const struct theme *theme, size_t language);

/* The template that a post's `layout` names, if the site's theme has it beside the
 * built-in ones' names; else `otherwise`. */
const char *theme_layout(const struct theme *theme, struct str layout, const char *otherwise);

/* Renders the template of that name.  -1 with a message in err. */
int theme_render(const struct theme *theme, const char *name, const struct value *data, struct buf *out,
		 struct buf *err) __attribute__((warn_unused_result));

#endif
