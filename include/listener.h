/* listener.h: the listening socket: opened or inherited, described, accepted
 * from, and taken away again.
 *
 * Whoever can connect to a FastCGI socket can make us say anything and can
 * crash a worker, so who can is settled here.
 */
#ifndef CARTOLINA_LISTENER_H
#define CARTOLINA_LISTENER_H

#include "buf.h"

#include <sys/stat.h>

struct listener {
	int fd;         /* non-blocking, close-on-exec, above 2; -1 after listener_close() */
	bool ours;      /* opened here; else it outlives us */
	bool exposed;   /* TCP beyond the loopback interface */
	char path[108]; /* of the socket file that we made, else "" */
	dev_t device;   /* which file that is */
	ino_t inode;
};

/* Opens "unix:PATH", "/PATH" or "HOST:PORT" (an IPv4 address, an IPv6 address
 * in brackets, a name, or * for every address; port 0 lets the system choose).
 * A Unix socket gets mode 0660 whatever the umask; at its path, only a socket
 * of our own user that refuses connections is replaced.
 *
 * With address NULL, takes systemd's socket (LISTEN_FDS, which is then taken out
 * of the environment), else the one on descriptor 0, which is then /dev/null.
 *
 * -1 with one line, without its end, appended to err. */
int listener_open(struct listener *out, const char *address, struct buf *err)
	__attribute__((warn_unused_result));

/* Of a socket that is ours: lets no new connection in, keeps those that wait to be
 * accepted, and removes the socket file if it is still the one we made. */
void listener_withdraw(struct listener *listener);
void listener_close(struct listener *listener);

/* True when fd is a listening stream socket. */
bool listener_is_listening(int fd);
/* Appends "unix:/run/x.sock", "127.0.0.1:9000" or "[::1]:9000". */
void listener_describe(int fd, struct buf *out);

/* The next connection, blocking and close-on-exec, or -1 with errno (EAGAIN
 * when none is waiting).  A TCP peer that is not in FCGI_WEB_SERVER_ADDRS,
 * when that is set, gives ECONNABORTED (FastCGI 1.0 §3.2). */
int listener_accept(int fd);

#endif
