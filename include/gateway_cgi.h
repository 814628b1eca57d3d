/* gateway_cgi.h: one request from the CGI environment (RFC 3875) to standard output. */
#ifndef CARTOLINA_GATEWAY_CGI_H
#define CARTOLINA_GATEWAY_CGI_H

/* Answers the request in the environment; the exit status of the process.
 * config_file may be NULL.  Its memory and its index stay as they are: to be
 * followed by _exit(). */
int gateway_cgi_run(const char *config_file);

#endif
