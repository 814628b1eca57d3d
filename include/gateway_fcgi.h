/* gateway_fcgi.h: a FastCGI worker: accepts connections on a listening socket
 * and answers them until it is told to stop.  The only place that knows libfcgi. */
#ifndef CARTOLINA_GATEWAY_FCGI_H
#define CARTOLINA_GATEWAY_FCGI_H

#include "metrics.h"
#include "site.h"

#include <stdbool.h>

enum gateway_fcgi_exit {
	GATEWAY_FCGI_LEFT = 0,
	GATEWAY_FCGI_UNFIT = 3, /* this libfcgi does not behave as we need it */
	GATEWAY_FCGI_DEAF = 4,  /* the listening socket is gone */
	GATEWAY_FCGI_STUCK = 5, /* a request went on after its deadline and could not be dropped */
};

/* True when descriptor fd is a listening stream socket (SO_ACCEPTCONN). */
bool gateway_fcgi_is_listening(int fd);

/* What a worker tells its supervisor. */
struct gateway_fcgi_watch {
	struct metrics *metrics;   /* or NULL, and then no slot either */
	struct metrics_slot *slot;
	unsigned beat;             /* ms between two signs of life while idle; 0: none */
};

/* Serves until it is asked to leave, or has answered config->max_requests (or up to an
 * eighth less, so that workers are not replaced together).  The request at
 * hand is finished first.  SIGHUP and SIGUSR1: leave, others go on accepting.
 * SIGTERM: answer what is already waiting in the socket too, for at most a second.
 *
 * For a process of its own: takes over its handlers of these signals, SIGALRM
 * and SIGPIPE, the real-time interval timer and RLIMIT_DATA, and may end the process with
 * GATEWAY_FCGI_STUCK.  listen_fd must be non-blocking.  Returns the exit status. */
int gateway_fcgi_serve(struct site *site, int listen_fd, const struct gateway_fcgi_watch *watch);

#endif
