/* supervisor.h: owns the listening socket, keeps N workers and one indexer
 * alive, and ends them all. */
#ifndef CARTOLINA_SUPERVISOR_H
#define CARTOLINA_SUPERVISOR_H

#include "buf.h"
#include "log.h"

struct supervisor_options {
	const char *config_file; /* or NULL: looked for */
	const char *listen;      /* as for listener_open(): NULL takes systemd's socket or fd 0 */
	unsigned workers;        /* 0: the configuration's */
	const char *pid_file;    /* or NULL */
	const enum log_target *log; /* NULL: the configuration's */
};

/* Runs until SIGTERM or SIGINT: no new connections, what was begun or waits is
 * answered, then all children end; asked twice, at once.  SIGHUP reads the configuration again
 * and, if it is good, replaces all children one after the other; SIGUSR1
 * replaces them without reading.  The socket stays open meanwhile.
 * Tells systemd how it goes, and that all is well only while a worker answers.
 *
 * Exit status of the process: 0 after a clean stop, 1 when it could not start
 * (the reason is in err: one message, or config_load()'s lines). */
int supervisor_run(const struct supervisor_options *options, struct buf *err);

#endif
