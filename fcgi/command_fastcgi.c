/* command_fastcgi.c: fastcgi: options -> the supervisor. */
#include "command.h"

#include "log.h"
#include "supervisor.h"

#include <stdlib.h>

int command_fastcgi(const struct command_context *context, int argc, char **argv)
{
	struct supervisor_options options = {.config_file = context->config_file};
	struct buf err = BUF_EMPTY;
	const char *value;

	for (int i = 1; i < argc; i++) {
		if ((value = command_option(argc, argv, &i, "--listen"))) {
			if (!value[0])
				return command_usage(argv[0], "--listen takes unix:PATH or HOST:PORT");
			options.listen = value;
		} else if ((value = command_option(argc, argv, &i, "--workers"))) {
			char *end;
			long n = strtol(value, &end, 10);
			if (*end || end == value || n < 1 || n > 1024)
				return command_usage(argv[0], "--workers takes a number from 1 to 1024");
			options.workers = (unsigned)n;
		} else {
			return command_usage(argv[0], "unknown argument %s", argv[i]);
		}
	}
	int result = supervisor_run(&options, &err);
	log_lines(buf_view(&err));
	buf_release(&err);
	return result;
}
