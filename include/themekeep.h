/* themekeep.h: a copy of the last good theme beside the index, for processes
 * that start while the theme is broken: each CGI request, each new worker. */
#ifndef CARTOLINA_THEMEKEEP_H
#define CARTOLINA_THEMEKEEP_H

#include "arena.h"
#include "config.h"

#include <stdint.h>

/* Copies the theme's folder, which has this signature, unless that was done.
 * Nothing happens where no file can be written: there is no copy then.  The
 * copy is derived, as the index is: it may be deleted at any time.  True when
 * it has taken the place of another theme's. */
bool themekeep_save(const struct config *config, uint64_t signature);

/* Of the theme that was copied; 0 when there is no copy. */
uint64_t themekeep_signature(const struct config *config);

/* The folder with the copy, or NULL. */
const char *themekeep_folder(struct arena *arena, const struct config *config);

#endif
