/* config_keys.h: for config.c: from the lines of cartolina.yaml to fields. */
#ifndef CARTOLINA_CONFIG_KEYS_H
#define CARTOLINA_CONFIG_KEYS_H

#include "config.h"
#include "yamltree.h"

/* Sets what the tree (NULL: none) has keys for, over the defaults, and gives each
 * language its title.  -1 after a line for every mistake, as config_load() has
 * them; `path` stands in front of them. */
int config_keys_read(struct arena *arena, const struct yaml_node *root, const char *path, struct config *config,
		     struct buf *err) __attribute__((warn_unused_result));

/* Below config->root unless it is absolute; without "./" in front and slashes
 * behind, for paths are joined with "/" later. */
const char *config_keys_path(struct arena *arena, const struct config *config, const char *path);

#endif
