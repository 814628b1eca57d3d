/* log.h: lines to standard error, where every web server collects them, or to
 * syslog.
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

/* Something that happened, as names and values: `cartolina: access: id=7 path="/a b"`. */
struct log_field {
	const char *name; /* a constant, fit for JSON as it is */
	struct str value; /* any bytes; cut after 500 */
	bool bare;        /* in JSON without quotes: a number, true, false or null */
};
void log_event(const char *event, const struct log_field *fields, size_t count);

enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG };
enum log_format { LOG_PLAIN, LOG_JSON };

struct log_options {
	enum log_target target;
	enum log_format format; /* LOG_JSON: an object a line */
	/* Whoever reads standard error may not add the time: events and objects have it.
	 * Not when the journal reads it (JOURNAL_STREAM): then lines begin with a level as
	 * sd-daemon(3) has it. */
	bool with_time;
};

/* How this process and its children log from now on; the one thing about it that
 * is global.  Until then: plain lines without time on standard error.  There they
 * stay when there is no syslog, with a word about it. */
void log_setup(const struct log_options *options);

#endif
