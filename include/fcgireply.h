/* fcgireply.h: an answer as FastCGI records, written as a whole.
 *
 * libfcgi writes 8 kB at a time: a process that is killed in between has sent half
 * an answer, and the web server is woken for each piece.  FastCGI 1.0 §3.3, §5.3 and §5.5.
 */
#ifndef CARTOLINA_FCGIREPLY_H
#define CARTOLINA_FCGIREPLY_H

#include "str.h"

#include <signal.h>
#include <stdbool.h>

/* Writes head and body to STDOUT, its end, and END_REQUEST.  Of a blocking socket;
 * interrupted by a signal it goes on, unless *over is not 0 by then.  False when
 * not all of it was taken. */
bool fcgireply_send(int fd, int request_id, struct str head, struct str body, const volatile sig_atomic_t *over);
/* END_REQUEST alone, for a role that there is not.  Does not wait. */
bool fcgireply_refuse(int fd, int request_id);

#endif
