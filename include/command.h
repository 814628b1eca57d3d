/* command.h: the commands of the command line, one function each.
 *
 * Each gets its own arguments (argv[0] is the command's name) and returns the
 * exit status: 0, 1 for "it went wrong" (or "there are errors"), 2 for a call
 * that cannot be understood.
 */
#ifndef CARTOLINA_COMMAND_H
#define CARTOLINA_COMMAND_H

#include "arena.h"
#include "buf.h"
#include "config.h"

struct command_context {
	const char *config_file; /* of -c, or NULL */
};

int command_get(const struct command_context *context, int argc, char **argv);
int command_check(const struct command_context *context, int argc, char **argv);
int command_explain(const struct command_context *context, int argc, char **argv);
int command_fastcgi(const struct command_context *context, int argc, char **argv);
int command_index(const struct command_context *context, int argc, char **argv);
int command_new(const struct command_context *context, int argc, char **argv);
int command_render(const struct command_context *context, int argc, char **argv);
int command_status(const struct command_context *context, int argc, char **argv);
int command_translate(const struct command_context *context, int argc, char **argv);

/* --- shared (command.c) ----------------------------------------------------------- */

/* Prints "cartolina NAME: message", and how to get help, on standard error; returns 2. */
int command_usage(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Loads the configuration; prints what is wrong.  0 or 1. */
int command_config(const struct command_context *context, struct arena *arena, struct config *config);
/* All of it, to standard output.  0 or 1. */
int command_print(struct str text);
/* The value of an option that needs one: "--name VALUE" or "--name=VALUE".
 * NULL when argv[*at] is another one; "" with *at past the end when the value
 * is missing. */
const char *command_option(int argc, char **argv, int *at, const char *name);

#endif
