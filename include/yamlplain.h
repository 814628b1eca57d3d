/* yamlplain.h: the plain lines of YAML as the tree that yamltree_read() would
 * make of them, many times faster.
 *
 * Comments on lines of their own; `key: value` with a value that is plain or in
 * quotes without escapes or a list of plain words in brackets; below a key
 * without a value more of them, indented by two, and there also texts that are
 * folded (>-).  Most configurations are of this form, and all locale files.
 */
#ifndef CARTOLINA_YAMLPLAIN_H
#define CARTOLINA_YAMLPLAIN_H

#include "arena.h"
#include "yamltree.h"

/* NULL for anything else, for mistakes too: ask yamltree_read(), which knows
 * YAML.  The text's first line is line 1. */
struct yaml_node *yamlplain_read(struct arena *arena, struct str text);

#endif
