/* log.c: one write(2) a line, so that lines of several workers do not mix. */
#include "log.h"

#include "buf.h"
#include "escape.h"

#include <stdio.h>
#include <unistd.h>

enum { LINE_LIMIT = 2000 };

static void write_line(struct buf *line)
{
	buf_char(line, '\n');
	for (size_t done = 0; done < line->n;) {
		ssize_t n = write(STDERR_FILENO, line->p + done, line->n - done);
		if (n <= 0)
			break; /* nowhere left to say it */
		done += (size_t)n;
	}
	buf_release(line);
}

static void log_at(const char *level, const char *format, va_list args)
{
	struct buf message = BUF_EMPTY, line = BUF_EMPTY;

	buf_vprintf(&message, format, args);
	buf_printf(&line, "cartolina: %s: ", level);
	escape_log(&line, buf_view(&message), LINE_LIMIT);
	write_line(&line);
	buf_release(&message);
}

#define LOG_FUNCTION(name, level)                   \
	void name(const char *format, ...)          \
	{                                           \
		va_list args;                       \
		va_start(args, format);             \
		log_at(level, format, args);        \
		va_end(args);                       \
	}

LOG_FUNCTION(log_error, "error")
LOG_FUNCTION(log_warning, "warning")
LOG_FUNCTION(log_notice, "notice")

void log_lines(struct str lines)
{
	struct str text;

	while (str_line(&lines, &text)) {
		struct buf line = BUF_EMPTY;
		escape_log(&line, text, LINE_LIMIT);
		write_line(&line);
	}
}
