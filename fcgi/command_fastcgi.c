/* command_fastcgi.c: fastcgi: options -> the supervisor. */
#include "command.h"

#include "log.h"
#include "supervisor.h"

#include <stdlib.h>

enum { MOST_WORKERS = 1024 };

static const char HELP[] =
	"usage: cartolina [-c FILE] fastcgi [OPTIONS]\n"
	"\n"
	"Answers a web server's FastCGI requests until SIGTERM. One supervisor keeps the workers\n"
	"and the indexer alive. It stays in the foreground: systemd, or start-stop-daemon\n"
	"--background, puts it behind; so there is no --daemon.\n"
	"\n"
	"  --listen ADDRESS   unix:PATH or HOST:PORT ([::1]:9000, *:9000); otherwise systemd's\n"
	"                     socket (LISTEN_FDS) or the one on standard input\n"
	"  --workers N        processes that answer; otherwise `workers:` of the configuration,\n"
	"                     otherwise one for each processor and at least 4\n"
	"  --pid-file FILE    holds the supervisor's process number while it runs\n"
	"  --log stderr|syslog   where to; otherwise `log:` of the configuration\n"
	"  --foreground       does nothing; for scripts that say it\n"
	"\n"
	"SIGTERM, SIGINT  stop: answer what was begun; within shutdown_timeout. Twice: at once\n"
	"SIGHUP           read the configuration and, if it is good, replace all processes by and by\n"
	"SIGUSR1          replace them without reading\n"
	"\n"
	"Told to systemd when NOTIFY_SOCKET is set: READY, RELOADING, STOPPING, STATUS, and\n"
	"WATCHDOG while at least one worker answers. Numbers for Prometheus: /-/metrics.\n"
	"Exit status: 0 after a stop that was asked for, 1 when it could not start.\n";

/* These: 0, or the exit status. */
static int read_workers(const char *name, const char *value, struct supervisor_options *options)
{
	char *end;
	long n = strtol(value, &end, 10);

	options->workers = (unsigned)n;
	if (!*end && end != value && n >= 1 && n <= MOST_WORKERS)
		return 0;
	return command_usage(name, "--workers takes a number from 1 to %d", MOST_WORKERS);
}

static int read_log(const char *name, const char *value, struct supervisor_options *options)
{
	static const enum log_target targets[] = {LOG_TO_STDERR, LOG_TO_SYSLOG};
	struct str word = str_from(value);

	options->log = str_is(word, "syslog") ? &targets[1] : &targets[0];
	return str_is(word, "syslog") || str_is(word, "stderr")
		? 0 : command_usage(name, "--log takes stderr or syslog");
}

static int read_option(int argc, char **argv, int *at, struct supervisor_options *options)
{
	const char *value;

	if ((value = command_option(argc, argv, at, "--listen"))) {
		options->listen = value;
		return value[0] ? 0 : command_usage(argv[0], "--listen takes unix:PATH or HOST:PORT");
	}
	if ((value = command_option(argc, argv, at, "--pid-file"))) {
		options->pid_file = value;
		return value[0] ? 0 : command_usage(argv[0], "--pid-file takes a file");
	}
	if ((value = command_option(argc, argv, at, "--workers")))
		return read_workers(argv[0], value, options);
	if ((value = command_option(argc, argv, at, "--log")))
		return read_log(argv[0], value, options);
	if (!strcmp(argv[*at], "--foreground"))
		return 0;
	if (!strcmp(argv[*at], "--daemon"))
		return command_usage(argv[0], "--daemon: it stays in the foreground; systemd, or "
				     "start-stop-daemon --background, puts it behind");
	return command_usage(argv[0], "unknown argument %s", argv[*at]);
}

int command_fastcgi(const struct command_context *context, int argc, char **argv)
{
	struct supervisor_options options = {.config_file = context->config_file};
	struct buf err = BUF_EMPTY;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return command_print(STR_LIT(HELP));
		int status = read_option(argc, argv, &i, &options);
		if (status)
			return status;
	}
	int result = supervisor_run(&options, &err);
	log_lines(buf_view(&err));
	buf_release(&err);
	return result;
}
