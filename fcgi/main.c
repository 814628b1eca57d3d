/* main.c: which gateway or command this process is, and its exit status.
 *
 * A listening socket as standard input: FastCGI.  REQUEST_METHOD or
 * GATEWAY_INTERFACE in the environment: CGI, and then the arguments are the
 * reader's (Apache passes a query without "=" as argv) and are not looked at.
 */
#include "command.h"
#include "gateway_cgi.h"
#include "gateway_fcgi.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*run)(const struct command_context *, int argc, char **argv);
	const char *arguments, *summary;
} COMMANDS[] = {
	{"get", command_get, "'/path?query' [-H 'Name: value']... [-X METHOD]",
	 "print what a web server would be sent"},
	{"explain", command_explain, "'/path?query' [-H 'Name: value']...",
	 "say which rule chose the post, the language, the view and the file"},
	{"check", command_check, "[--json] [--fix [--yes]]",
	 "list every problem in the content, or mend some; exit status 1 for errors"},
	{"fastcgi", command_fastcgi, "[--listen unix:PATH|HOST:PORT] [--workers N]...",
	 "answer a web server until SIGTERM; fastcgi --help says more"},
	{"index", command_index, "[--rebuild]", "bring the index up to date now"},
	{"new", command_new, "NAME [--lang TAG]", "begin a post, such as posts/my-first-post"},
	{"render", command_render, "FILE|- [--view full|excerpt|rest] [--markdown discount|commonmark]",
	 "print one source file's HTML; needs no site"},
	{"status", command_status, "[--json] [--accept FILE|NAME|NAME:TAG|all]",
	 "show which translations there are and which are stale, or accept them as they are"},
	{"translate", command_translate, "NAME TAG", "begin a post's translation, with its text to work on"},
};
enum { COMMAND_COUNT = sizeof(COMMANDS) / sizeof(COMMANDS[0]) };

static int help(void)
{
	puts("Cartolina puts a folder of Markdown posts behind a web server that is already there.\n"
	     "\n"
	     "usage: cartolina [-c FILE] COMMAND [ARGUMENTS]\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %s %s\n      %s\n", COMMANDS[i].name, COMMANDS[i].arguments, COMMANDS[i].summary);
	puts("\n"
	     "  -c FILE     the configuration; otherwise $CARTOLINA_CONFIG, ./cartolina.yaml, or one\n"
	     "              beside the program. Every key has a default: a folder content/ is a site.\n"
	     "  --help      this text\n"
	     "  --version   the version\n"
	     "\n"
	     "Run by a web server it answers CGI or FastCGI by itself.\n"
	     "Exit status: 0 done, 1 it went wrong, 2 the call was not understood. Errors go to\n"
	     "standard error; those of a post as path:line:column: level: message [rule].");
	return fflush(stdout) ? 1 : 0;
}

static bool is_help(const char *argument)
{
	return !strcmp(argument, "--help") || !strcmp(argument, "-h");
}

static int run_command(const struct command_context *context, int argc, char **argv)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(argv[0], COMMANDS[i].name))
			continue;
		if (argc != 2 || !is_help(argv[1]) || COMMANDS[i].run == command_fastcgi)
			return COMMANDS[i].run(context, argc, argv);
		printf("usage: cartolina [-c FILE] %s %s\n\n%s\n\nMore: cartolina --help\n", argv[0],
		       COMMANDS[i].arguments, COMMANDS[i].summary);
		return fflush(stdout) ? 1 : 0;
	}
	fprintf(stderr, "cartolina: unknown command %s\nTry 'cartolina --help'.\n", argv[0]);
	return 2;
}

static int command_line(int argc, char **argv)
{
	struct command_context context = {0};
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (is_help(argv[i]))
			return help();
		if (!strcmp(argv[i], "--version")) {
			puts("cartolina " CARTOLINA_VERSION);
			return 0;
		}
		if (strcmp(argv[i], "-c") || i + 1 >= argc) {
			fprintf(stderr, "cartolina: unknown option %s\nTry 'cartolina --help'.\n", argv[i]);
			return 2;
		}
		context.config_file = argv[++i];
	}
	if (i == argc) {
		fputs("cartolina: which command?\nTry 'cartolina --help'.\n", stderr);
		return 2;
	}
	return run_command(&context, argc - i, argv + i);
}

int main(int argc, char **argv)
{
	/* A reader who went away is an error code of write, not the end. */
	signal(SIGPIPE, SIG_IGN);
	if (gateway_fcgi_is_listening(STDIN_FILENO) && argc == 1) {
		struct command_context context = {0};
		return command_fastcgi(&context, 1, argv);
	}
	if (getenv("GATEWAY_INTERFACE") || getenv("REQUEST_METHOD"))
		_exit(gateway_cgi_run(NULL)); /* at once: it has left memory and files to that */
	return command_line(argc, argv);
}
