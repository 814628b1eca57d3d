/* pidfile.h: a file with the number of the process that runs. */
#ifndef CARTOLINA_PIDFILE_H
#define CARTOLINA_PIDFILE_H

#include "buf.h"

#include <sys/stat.h>

struct pidfile {
	int fd; /* locked for as long as this process lives; -1: none */
	const char *path;
};

/* Only a file that is not there, is empty or has nothing but a number in it is
 * written to, and none that another living process holds.  Symbolic links are not
 * followed.  `path` must live as long as the pidfile.  -1 with a line in err. */
int pidfile_open(struct pidfile *out, const char *path, struct buf *err) __attribute__((warn_unused_result));

/* Removes it, if it is still the one we made. */
void pidfile_remove(struct pidfile *pidfile);

#endif
