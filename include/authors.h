/* authors.h: what the commands for authors (new, translate, status) share. */
#ifndef CARTOLINA_AUTHORS_H
#define CARTOLINA_AUTHORS_H

#include "arena.h"
#include "config.h"
#include "sweep.h"
#include "translations.h"

/* A name as one printable line: file names may hold anything. */
struct str authors_shown(struct arena *arena, struct str name);

/* The position of a language by its tag; -1 after telling which ones there
 * are, and which was perhaps meant. */
int authors_language(struct arena *arena, const struct config *config, struct str tag);

/* The group that is meant, or NULL after telling the nearest. */
const struct translation_group *authors_post(struct arena *arena, const struct config *config,
					     const struct translations *all, struct str name,
					     int *language);

/* The names of all source files; none when the content folder is not there
 * yet.  0, or -1 after telling why. */
int authors_files(struct arena *arena, const struct config *config, struct sweep *sweep);

/* Creates a file below the content folder and prints its name, then the rest
 * of what its author is told.  0 or 1. */
int authors_create(struct arena *arena, const struct config *config, struct str file,
		   struct str text, const char *advice);

#endif
