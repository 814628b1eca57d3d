/* kept.h: connections that peers keep open between two requests.
 *
 * Whoever answers requests one after the other puts them here, goes on with
 * other peers, and gets each back when something has come on it.  Few are kept:
 * for one more the longest silent one is closed, which a peer has to expect
 * (FastCGI 1.0 §3.5).  Times are clock_ms().
 */
#ifndef CARTOLINA_KEPT_H
#define CARTOLINA_KEPT_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

enum { KEPT_LIMIT = 8 };

struct kept {
	size_t count;
	struct {
		int fd;
		int64_t until; /* when it is closed if nothing comes */
	} at[KEPT_LIMIT];      /* the longest silent one first */
};

/* Takes fd over. */
void kept_add(struct kept *kept, int fd, int64_t until);
/* One on which something has come, the caller's again; or -1.  Closes those whose peer has gone or
 * whose time is up. */
int kept_take(struct kept *kept);
/* Fills in what to wait for, KEPT_LIMIT at most.  How many. */
size_t kept_poll(const struct kept *kept, struct pollfd *fds);
/* ms until the first one's time is up, or -1. */
int64_t kept_patience(const struct kept *kept);
void kept_close_all(struct kept *kept);

#endif
