/* command.c: what the commands share. */
#include "command.h"

#include "log.h"

#include <stdio.h>
#include <unistd.h>

int command_usage(const char *name, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "cartolina %s: ", name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry 'cartolina --help'.\n");
	return 2;
}

int command_config(const struct command_context *context, struct arena *arena, struct config *config)
{
	struct buf err = BUF_EMPTY;
	int result = config_load(arena, context->config_file, NULL, config, &err);

	log_lines(buf_view(&err));
	buf_release(&err);
	return result ? 1 : 0;
}

int command_print(struct str text)
{
	return buf_write_fd(STDOUT_FILENO, text) ? 1 : 0;
}

const char *command_option(int argc, char **argv, int *at, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(argv[*at], name, n))
		return NULL;
	if (argv[*at][n] == '=')
		return argv[*at] + n + 1;
	if (argv[*at][n])
		return NULL;
	return ++*at < argc ? argv[*at] : "";
}
