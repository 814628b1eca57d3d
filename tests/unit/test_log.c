/* test_log.c: what stands in a line of the log, for every target and format. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"
#include "value.h"

/* Standard error is a file while a test looks at it. */
static struct {
	FILE *file;
	int copy;
	char text[8192];
} err;

static int catch(void **state)
{
	(void)state;
	err.file = tmpfile();
	err.copy = dup(STDERR_FILENO);
	log_setup(&(struct log_options){0});
	return err.file && dup2(fileno(err.file), STDERR_FILENO) >= 0 ? 0 : -1;
}

static int let_go(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	dup2(err.copy, STDERR_FILENO);
	close(err.copy);
	return fclose(err.file);
}

/* A syslog of our own, there or not. */
static struct {
	bool there;
	int priority;
	char text[1000];
} messages;

int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t size)
{
	(void)fd, (void)address, (void)size;
	errno = ECONNREFUSED;
	return messages.there ? 0 : -1;
}

static void take_message(int priority, const char *format, va_list args)
{
	messages.priority = priority;
	vsnprintf(messages.text, sizeof(messages.text), format, args);
}

void __syslog_chk(int priority, int flag, const char *format, ...);
void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	(void)flag;
	va_start(args, format);
	take_message(priority, format, args);
	va_end(args);
}

#undef syslog
void (syslog)(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	take_message(priority, format, args);
	va_end(args);
}

/* What was logged since the last call. */
static const char *logged(void)
{
	rewind(err.file);
	size_t n = fread(err.text, 1, sizeof(err.text) - 1, err.file);
	err.text[n] = 0;
	rewind(err.file);
	assert_int_equal(ftruncate(fileno(err.file), 0), 0);
	lseek(STDERR_FILENO, 0, SEEK_SET);
	return err.text;
}

static void assert_time(const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";

	for (size_t i = 0; form[i]; i++)
		assert_true(form[i] == 'd' ? ascii_digit(text[i]) : text[i] == form[i]);
}

static const struct log_field FIELDS[] = {
	{"id", {"abc-1", 5}, false},
	{"path", {"/a b\" status=200\nx", 18}, false},
	{"status", {"404", 3}, true},
	{"lang", {"", 0}, false},
};
enum { FIELD_COUNT = sizeof(FIELDS) / sizeof(FIELDS[0]) };

static void plain_lines(void **state)
{
	(void)state;
	log_warning("%s", "one\ntwo");
	assert_string_equal(logged(), "cartolina: warning: one\\x0Atwo\n");
	log_lines(STR_LIT("a.md:1:2: error: b [c]\nd\x1b[2J\n"));
	assert_string_equal(logged(), "a.md:1:2: error: b [c]\nd\\x1B[2J\n");
	log_event("access", FIELDS, FIELD_COUNT);
	assert_string_equal(logged(), "cartolina: access: id=abc-1 path=\"/a b\\x22 status=200\\x0Ax\" "
				      "status=404 lang=\"\"\n");
}

static void events_with_time(void **state)
{
	(void)state;
	log_setup(&(struct log_options){.with_time = true});
	log_event("access", FIELDS, 1);
	const char *line = logged();
	assert_time(line);
	assert_string_equal(line + 20, " cartolina: access: id=abc-1\n");
	log_error("x"); /* what programs look for at a line's beginning is there */
	log_lines(STR_LIT("a.md:1:2: error: b [c]\n"));
	assert_string_equal(logged(), "cartolina: error: x\na.md:1:2: error: b [c]\n");
}

static void the_journal_has_the_time_and_wants_the_level(void **state)
{
	struct stat st;
	char stream[64];

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_setup(&(struct log_options){.with_time = true});
	log_error("x");
	assert_string_equal(logged(), "<3>cartolina: error: x\n");
	log_lines(STR_LIT("a.md:1:2: warning: b [c]\n"));
	assert_string_equal(logged(), "<4>a.md:1:2: warning: b [c]\n");
	log_event("access", NULL, 0);
	assert_string_equal(logged(), "<6>cartolina: access:\n");
	log_setup(&(struct log_options){.with_time = true, .format = LOG_JSON});
	log_notice("x");
	assert_string_equal(logged(), "<5>{\"level\":\"notice\",\"message\":\"x\"}\n");
	/* It is of another process's standard error. */
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_setup(&(struct log_options){.with_time = true});
	log_event("access", NULL, 0);
	assert_time(logged());
}

/* Another parser reads what was written. */
static void json_lines(void **state)
{
	struct arena arena;
	struct buf problem = BUF_EMPTY;

	(void)state;
	arena_init(&arena, 0);
	value_pool(&arena);
	log_setup(&(struct log_options){.format = LOG_JSON, .with_time = true});
	log_event("access", FIELDS, FIELD_COUNT);
	struct value *v = value_read(str_from(logged()), &problem);
	assert_non_null(v);
	assert_time(value_text(value_get(v, STR_LIT("time"))).p);
	assert_string_equal(value_text(value_get(v, STR_LIT("event"))).p, "access");
	assert_string_equal(value_text(value_get(v, STR_LIT("path"))).p, "/a b\" status=200\nx");
	assert_int_equal(value_number(value_get(v, STR_LIT("status"))), 404);
	log_lines(STR_LIT("a.md:1:2: warning: \"\xff\\ [c]\n"));
	v = value_read(str_from(logged()), &problem);
	assert_non_null(v);
	assert_string_equal(value_text(value_get(v, STR_LIT("level"))).p, "warning");
	assert_string_equal(value_text(value_get(v, STR_LIT("message"))).p,
			    "a.md:1:2: warning: \"\xef\xbf\xbd\\ [c]");
	arena_release(&arena);
}

static void long_values_are_cut_and_stay_one_write(void **state)
{
	static char path[3000];
	const struct log_field field = {"path", {path, sizeof(path)}, false};

	(void)state;
	memset(path, '\n', sizeof(path));
	for (int format = LOG_PLAIN; format <= LOG_JSON; format++) {
		log_setup(&(struct log_options){.format = (enum log_format)format});
		log_event("access", &field, 1);
		const char *line = logged();
		assert_in_range(strlen(line), 2000, 3500);
		assert_non_null(strstr(line, "..."));
		assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	}
}

static void syslog_has_the_name_and_the_time(void **state)
{
	(void)state;
	messages.there = true;
	log_setup(&(struct log_options){.target = LOG_TO_SYSLOG, .with_time = true});
	log_error("100%% of\n%s", "%n");
	assert_int_equal(messages.priority, LOG_ERR);
	assert_string_equal(messages.text, "error: 100% of\\x0A%n");
	log_event("access", FIELDS, 1);
	assert_int_equal(messages.priority, LOG_INFO);
	assert_string_equal(messages.text, "access: id=abc-1");
	log_setup(&(struct log_options){.target = LOG_TO_SYSLOG, .format = LOG_JSON, .with_time = true});
	log_warning("x");
	assert_string_equal(messages.text, "{\"level\":\"warning\",\"message\":\"x\"}");
	assert_string_equal(logged(), "");
}

static void without_syslog_nothing_is_lost(void **state)
{
	(void)state;
	messages.there = false;
	log_setup(&(struct log_options){.target = LOG_TO_SYSLOG});
	assert_non_null(strstr(logged(), "nobody listens at /dev/log"));
	log_error("x");
	assert_string_equal(logged(), "cartolina: error: x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(plain_lines, catch, let_go),
		cmocka_unit_test_setup_teardown(events_with_time, catch, let_go),
		cmocka_unit_test_setup_teardown(the_journal_has_the_time_and_wants_the_level, catch, let_go),
		cmocka_unit_test_setup_teardown(json_lines, catch, let_go),
		cmocka_unit_test_setup_teardown(syslog_has_the_name_and_the_time, catch, let_go),
		cmocka_unit_test_setup_teardown(without_syslog_nothing_is_lost, catch, let_go),
		cmocka_unit_test_setup_teardown(long_values_are_cut_and_stay_one_write, catch, let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
