/* gateway_cgi.h: one request from the CGI environment (RFC 3875) to standard output. */
#ifndef CARTOLINA_GATEWAY_CGI_H
#define CARTOLINA_GATEWAY_CGI_H

/* Answers the request in the environment; the exit status of the process.
 * config_file may be NULL. */
int gateway_cgi_run(const char *config_file);

#endif
