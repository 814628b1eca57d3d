/* log.c: messages -> one line each, in one write(2), so that lines of several
 * processes do not mix.
 *
 * Lines that go to the journal carry their level and no time, for it keeps both.
 * Sources: sd-daemon(3), systemd.exec(5) on JOURNAL_STREAM, RFC 5424 §6.2.1.
 */
#include "log.h"

#include "buf.h"
#include "date.h"
#include "escape.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum {
	LINE_LIMIT = 2000,
	VALUE_LIMIT = 500, /* so that a line of several is written in one piece, also to a pipe */
};

static struct {
	struct log_options options;
	bool journal;
} how;

struct level {
	const char *name;
	int priority;
};
static const struct level ERROR = {"error", LOG_ERR}, WARNING = {"warning", LOG_WARNING},
			  NOTICE = {"notice", LOG_NOTICE}, INFO = {"info", LOG_INFO};

/* --- where to ----------------------------------------------------------------------------- */

static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && !fstat(STDERR_FILENO, &st) &&
	       st.st_dev == device && st.st_ino == inode;
}

/* The C library's syslog() says nothing when nobody listens. */
static bool has_syslog(void)
{
	const struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = _PATH_LOG};
	static const int types[] = {SOCK_DGRAM, SOCK_STREAM};
	bool there = false;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]) && !there; i++) {
		int fd = socket(AF_UNIX, types[i] | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		there = fd >= 0 && !connect(fd, (const struct sockaddr *)&at, sizeof(at));
		if (fd >= 0)
			close(fd);
	}
	return there;
}

void log_setup(const struct log_options *options)
{
	how.options = *options;
	how.journal = options->with_time && is_journal();
	if (options->target != LOG_TO_SYSLOG)
		return;
	if (has_syslog()) {
		openlog("cartolina", LOG_PID, LOG_DAEMON);
		return;
	}
	how.options.target = LOG_TO_STDERR;
	log_warning("nobody listens at " _PATH_LOG ", so the log stays on standard error");
}

static bool wants_time(void)
{
	return how.options.target == LOG_TO_STDERR && how.options.with_time && !how.journal;
}

/* A plain message keeps its form, which programs look for; JSON and events have room. */
static void begin(struct buf *line, const struct level *level, bool is_event)
{
	bool json = how.options.format == LOG_JSON;
	char now[DATE_ISO_SIZE];

	date_format_iso(time(NULL), now);
	if (how.journal && how.options.target == LOG_TO_STDERR)
		buf_printf(line, "<%d>", level->priority);
	if (json)
		buf_char(line, '{');
	if (wants_time() && (json || is_event))
		buf_printf(line, json ? "\"time\":\"%s\"," : "%s ", now);
	if (json)
		buf_printf(line, "\"level\":\"%s\"", level->name);
}

static void finish(struct buf *line, const struct level *level)
{
	if (how.options.format == LOG_JSON)
		buf_char(line, '}');
	if (how.options.target == LOG_TO_SYSLOG) {
		syslog(level->priority, "%s", buf_z(line));
		buf_release(line);
		return;
	}
	buf_char(line, '\n');
	(void)!buf_write_fd(STDERR_FILENO, buf_view(line)); /* there is nowhere left to say it */
	buf_release(line);
}

/* --- messages ------------------------------------------------------------------------------ */

/* syslog names the program itself. */
static const char *program(void)
{
	return how.options.target == LOG_TO_SYSLOG ? "" : "cartolina: ";
}

static void say(const struct level *level, struct str message, bool is_whole)
{
	struct buf line = BUF_EMPTY;

	begin(&line, level, false);
	if (how.options.format == LOG_JSON) {
		buf_puts(&line, ",\"message\":\"");
		escape_json(&line, message, LINE_LIMIT);
		buf_char(&line, '"');
	} else {
		if (!is_whole)
			buf_printf(&line, "%s%s: ", program(), level->name);
		escape_log(&line, message, LINE_LIMIT);
	}
	finish(&line, level);
}

static void log_at(const struct level *level, const char *format, va_list args)
{
	struct buf message = BUF_EMPTY;

	buf_vprintf(&message, format, args);
	say(level, buf_view(&message), false);
	buf_release(&message);
}

#define LOG_FUNCTION(name, level)                   \
	void name(const char *format, ...)          \
	{                                           \
		va_list args;                       \
		va_start(args, format);             \
		log_at(&level, format, args);       \
		va_end(args);                       \
	}

LOG_FUNCTION(log_error, ERROR)
LOG_FUNCTION(log_warning, WARNING)
LOG_FUNCTION(log_notice, NOTICE)

/* "path:line:column: level: message [rule]" */
static const struct level *level_of(struct str line)
{
	size_t error = str_find(line, ": error: "), warning = str_find(line, ": warning: ");

	if (error == line.n && warning == line.n)
		return str_find(line, ": notice: ") < line.n ? &NOTICE : &ERROR;
	return error < warning ? &ERROR : &WARNING;
}

void log_lines(struct str lines)
{
	struct str text;

	while (str_line(&lines, &text))
		say(level_of(text), text, true);
}

/* --- events ---------------------------------------------------------------------------------- */

static bool is_plain(struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] <= ' ' || value.p[i] > '~' || strchr("\"=\\", value.p[i]))
			return false;
	return value.n > 0;
}

/* Inside quotes there is no quote, so that no value looks like another field. */
static void add_quoted(struct buf *line, struct str value)
{
	bool cut = value.n > VALUE_LIMIT;
	struct str rest = utf8_head(value, VALUE_LIMIT);

	buf_char(line, '"');
	while (rest.n) {
		size_t quote = str_find_char(rest, '"');
		escape_log(line, str_head(rest, quote), VALUE_LIMIT);
		if (quote < rest.n)
			buf_puts(line, "\\x22");
		rest = str_skip(rest, quote + 1);
	}
	buf_puts(line, cut ? "...\"" : "\"");
}

static void add_field(struct buf *line, const struct log_field *field)
{
	if (how.options.format == LOG_JSON) {
		buf_printf(line, field->bare ? ",\"%s\":" : ",\"%s\":\"", field->name);
		escape_json(line, field->value, VALUE_LIMIT);
		buf_puts(line, field->bare ? "" : "\"");
		return;
	}
	buf_printf(line, " %s=", field->name);
	if (is_plain(field->value) && field->value.n <= VALUE_LIMIT)
		buf_str(line, field->value);
	else
		add_quoted(line, field->value);
}

void log_event(const char *event, const struct log_field *fields, size_t count)
{
	struct buf line = BUF_EMPTY;

	begin(&line, &INFO, true);
	if (how.options.format == LOG_JSON)
		buf_printf(&line, ",\"event\":\"%s\"", event);
	else
		buf_printf(&line, "%s%s:", program(), event);
	for (size_t i = 0; i < count; i++)
		add_field(&line, &fields[i]);
	finish(&line, &INFO);
}
