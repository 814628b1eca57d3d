/* localefile.h: a built-in locale file as the tree that yamltree_read() would
 * make of it, many times faster.
 *
 * Only for the form in which those files are written: comments on lines of
 * their own, `key: value`, values plain, in single quotes, folded (>-) or one list in
 * brackets, and below a key without a value such lines once more, indented by
 * two.  Positions are not kept: nobody reports on these files.
 */
#ifndef CARTOLINA_LOCALEFILE_H
#define CARTOLINA_LOCALEFILE_H

#include "arena.h"
#include "yamltree.h"

/* NULL when a line is of another form. */
struct yaml_node *localefile_read(struct arena *arena, struct str text);

#endif
