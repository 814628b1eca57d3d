/* htmlrewrite.h: changes attribute values in a text of HTML, and nothing else. */
#ifndef CARTOLINA_HTMLREWRITE_H
#define CARTOLINA_HTMLREWRITE_H

#include "arena.h"
#include "html.h"

enum htmlrewrite_what { HTMLREWRITE_KEEP, HTMLREWRITE_DROP, HTMLREWRITE_REPLACE };

/* Asked for each attribute of each start tag.  value: references resolved.
 * For HTMLREWRITE_REPLACE *to is the new value, as plain text. */
typedef enum htmlrewrite_what htmlrewrite_rule(void *context, const struct html_token *tag, struct str name,
					       struct str value, struct str *to);

/* Tags in which nothing changes are copied byte for byte.  The result lives
 * in the arena. */
struct str htmlrewrite(struct arena *arena, struct str html, htmlrewrite_rule *rule, void *context);

/* True for attributes whose value is one address: href, src, poster, … */
bool htmlrewrite_is_address(struct str name);

#endif
