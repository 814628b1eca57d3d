/* log.h: lines to standard error, where every web server collects them.
 *
 * "cartolina: LEVEL: message".  The caller's text is data: control bytes in it
 * are escaped, so that a request cannot forge a line.
 */
#ifndef CARTOLINA_LOG_H
#define CARTOLINA_LOG_H

#include "str.h"

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Lines that are already whole, such as an indexer's problems; printed as they
 * are, line by line, with control bytes escaped. */
void log_lines(struct str lines);

#endif
